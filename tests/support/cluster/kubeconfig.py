"""How somebody gets to the API server: its address, their token and whom to trust, also as a kubeconfig file."""

import json
import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Access:
    server: str
    token: str
    trusted: Path
    """The certificate to trust."""

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.trusted))

    def write_kubeconfig(self, path: Path, *, namespace: str = "default") -> Path:
        """Write it as a kubeconfig; JSON is YAML."""
        cluster = {"server": self.server, "certificate-authority": str(self.trusted)}
        context = {"cluster": "tests", "user": "tests", "namespace": namespace}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "tests", "cluster": cluster}],
            "users": [{"name": "tests", "user": {"token": self.token}}],
            "contexts": [{"name": "tests", "context": context}],
            "current-context": "tests",
        }
        path.write_text(json.dumps(config))
        path.chmod(0o600)
        return path
