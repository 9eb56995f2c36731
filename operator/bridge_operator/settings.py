"""Settings of the operator and of its local backend."""

from pathlib import Path

from pydantic import Field

from bridge_api.names import ROUTER_PORT
from bridge_runtime.settings import PartSettings


class OperatorSettings(PartSettings):
    """Bring instances to what the pools want."""

    local: bool = False
    """Run router and instances as processes on this machine, instead of looking after a cluster."""

    file: list[Path] = []
    """Pool files of local mode; watched, so that an edit takes effect at once."""

    secrets_dir: Path | None = None
    """Directory that stands in for Secrets in local mode, laid out as Kubernetes mounts them: a directory for each Secret, and in it a file for each key."""

    port: int = Field(default=ROUTER_PORT, ge=0, le=65535)
    """Port of the local router, on `host`; 0 takes a free one."""

    run_dir: Path | None = None
    """Directory for tokens and the registry of a local run; unset: a private temporary one, removed at the end."""
