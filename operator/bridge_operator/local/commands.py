"""The command lines of the parts that a local run consists of."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge_operator.local.run_dir import RunDir

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Commands:
    run_dir: RunDir
    host: str
    """Where the router listens; instances never listen beyond loopback."""

    log_level: str
    log_format: str

    def router(self, port: int) -> Sequence[str]:
        return [
            *self._python("bridge_router"),
            *("--registry-file", str(self.run_dir.registry_file)),
            *("--master-token-file", str(self.run_dir.master_token_file)),
            *("--host", self.host, "--port", str(port), "--role", "all"),
        ]

    def instance(self, name: str, pool_key: str, profile: str, proxy_dir: Path | None) -> Sequence[str]:
        """Start an instance; of a proxy only the place of its Secret is on the command line."""
        return [
            *self._python("bridge_browser"),
            *("--pool-file", str(self.run_dir.pool_file(pool_key)), "--instance", name),
            *(("--profile", profile) if profile else ()),
            *(("--proxy-dir", str(proxy_dir)) if proxy_dir else ()),
            *("--token-file", str(self.run_dir.pool_token_file(pool_key))),
            *("--host", LOOPBACK, "--port", "0"),
        ]

    def _python(self, package: str) -> Sequence[str]:
        return [
            *(sys.executable, "-m", package, "--lifeline", "--metrics-port", "0"),
            *("--log-level", self.log_level, "--log-format", self.log_format),
        ]
