"""The settings of a browser pod's process; what the pool wants is in the pool file."""

from pathlib import Path

from pydantic import Field

from bridge_api.names import POD_PORT
from bridge_runtime.settings import PartSettings


class BrowserSettings(PartSettings):
    """One instance of a pool: a Chromium with several slots, behind the OpenAI API."""

    port: int = Field(default=POD_PORT, ge=0, le=65535)
    """Port of the API; 0 takes a free one."""

    pool_file: Path
    """YAML or JSON file with the one BridgeInstancePool that this is an instance of."""

    instance: str = Field(min_length=1, max_length=63)
    """This instance's name."""

    profile: str = Field(default="", max_length=63)
    """The pool's profile that this instance has; empty: none."""

    proxy_dir: Path | None = None
    """Directory with the keys of the profile's proxy: `server`, and where it asks for them `username` and `password`. Read at each start of the browser; unset: no proxy."""

    token_file: Path | None = None
    """File with the pool's token, which every request but the probes must bear. Unset: none is asked for, on loopback only."""

    chromium: Path | None = None
    """The browser to start. Unset: Debian's `chromium-headless-shell` or `chromium`, then Playwright's own."""

    client_buffer_bytes: int = Field(default=1024 * 1024, ge=1024)
    """What is held of one answer for a client that reads slowly; past it the answer is stopped. A whole answer is well below 1 MiB."""

    slow_client_seconds: float = Field(default=30, gt=0)
    """Longest wait for a client to take what was written to it, once the answer has ended."""
