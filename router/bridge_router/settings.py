"""The router's settings."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from bridge_api.names import ROUTER_PORT
from bridge_runtime.settings import PartSettings


class CannotStart(Exception):
    """A setting that nothing can be started with; the message says what to do."""


class RouterSettings(PartSettings):
    """Balance OpenAI API requests over the browser instances of every pool."""

    registry_file: Path | None = None
    """JSON file of the pools and instances that exist; whoever runs them replaces it. Missing: none yet. Either this or `kubernetes`."""

    kubernetes: bool = False
    """Learn pools and instances from the Kubernetes API: from the BridgeInstancePools and EndpointSlices of `namespaces`."""

    kubeconfig: Path | None = None
    """Kubeconfig of the cluster to follow. Unset: the one that this pod runs in, as its service account."""

    namespaces: list[str] = []
    """Namespaces to follow; `*` follows all, which takes a ClusterRole. Empty: `namespace`."""

    namespace: str = ""
    """This router's own namespace. Unset: that of the pod's service account."""

    port: int = Field(default=ROUTER_PORT, ge=0, le=65535)
    """Port of the API; 0 takes a free one."""

    role: Literal["all", "relay", "console"] = "all"
    """`relay` serves `/v1` and the load feed, `console` what people look at under `/api/v1`, `all` both: enough for one machine."""

    master_token_file: Path | None = None
    """File with the master token, from which each pool's token and the load feed's are derived. Unset: pods and load feed ask for none."""

    api_keys_file: Path | None = None
    """File with a line `name sha256hex` for each API key. Unset: on loopback any bearer passes; beyond it the router does not start."""

    allowed_origins: list[str] = []
    """Web origins, such as `https://chat.example`, whose pages may use the API from a browser. Empty: none but our own."""

    router_name: str = Field(default="", max_length=253)
    """This router's name in the load feed, by which its readers tell several apart. Unset: with `kubernetes` the host name, which is the pod's own; otherwise `router`."""

    max_body_bytes: int = Field(default=16 * 2**20, ge=1024)
    """Largest request body, in bytes; it is held in memory for retries. 16 MiB is far beyond what a chat page takes."""

    deadline_margin_seconds: float = Field(default=10.0, gt=0, le=300)
    """How much longer than a pod's own deadlines the router waits: the pod knows the site better, this is for a pod that hangs."""

    stale_seconds: float = Field(default=15.0, gt=0, le=300)
    """Seconds without a status line after which an instance is skipped: three of the lines that a pod sends at least every 5 s."""
