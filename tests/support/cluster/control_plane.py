"""etcd, kube-apiserver and kube-controller-manager as child processes, with all that they keep in one folder."""

import http.client
import secrets
import signal
import ssl
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.support.cluster.kubeconfig import Access
from tests.support.processes import free_port

CONTROLLERS = (
    "deployment-controller",
    "disruption-controller",
    "endpointslice-controller",
    "garbage-collector-controller",
    "namespace-controller",
    "replicaset-controller",
    "serviceaccount-controller",
)
AUDIT_POLICY = '{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}], "omitStages": ["RequestReceived"]}'
READY_SECONDS = 60.0
END_SECONDS = 10.0


class Daemon:
    """A program with its flags and its log, that can be killed and started again."""

    def __init__(self, program: Path, flags: Sequence[str], log: Path) -> None:
        self._command = [str(program), *flags]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        assert not self.running
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal: SIGSTOP stalls, SIGCONT goes on."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(END_SECONDS)

    def last_words(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]


class ControlPlane:
    """A Kubernetes without nodes. Everybody in `users` has a token and, but for `admin`, no rights until they are given."""

    def __init__(self, binaries: Mapping[str, Path], folder: Path, users: Sequence[str] = ()) -> None:
        self.folder = folder
        self.port = free_port()
        self.tokens = {user: secrets.token_hex(16) for user in ("admin", *users)}
        self._binaries = binaries
        etcd_port, peer_port = free_port(), free_port()
        self.etcd = self._daemon("etcd", _etcd_flags(folder, etcd_port, peer_port))
        self.api_server = self._daemon("kube-apiserver", self._api_server_flags(etcd_port))
        self.controllers = self._daemon("kube-controller-manager", self._controller_flags())

    @property
    def certificate(self) -> Path:
        """What the API server signs itself with: its clients trust it, and a proxy before it can use it."""
        return self.folder / "pki" / "apiserver.crt"

    @property
    def certificate_key(self) -> Path:
        return self.folder / "pki" / "apiserver.key"

    @property
    def audit_log(self) -> Path:
        return self.folder / "audit.log"

    def access(self, user: str = "admin", *, port: int | None = None) -> Access:
        """Return how a user gets to the API server, or to what listens before it."""
        return Access(f"https://127.0.0.1:{port or self.port}", self.tokens[user], self.certificate)

    def start(self) -> None:
        """Start everything and wait until it serves.

        Raises:
            AssertionError: It does not; the log's end is in the message.
        """
        self._write_files()
        self.etcd.start()
        self.api_server.start()
        self.wait_until_ready()
        self.access().write_kubeconfig(self.folder / "admin.kubeconfig")
        self.controllers.start()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self.ready():
            if time.monotonic() > deadline or not (self.api_server.running and self.etcd.running):
                raise AssertionError(
                    f"the API server does not serve:\n{self.api_server.last_words()}\n{self.etcd.last_words()}"
                )
            time.sleep(0.05)

    def ready(self) -> bool:
        """Ask the API server whether it serves."""
        with suppress(OSError, http.client.HTTPException):
            context = ssl.create_default_context(cafile=str(self.certificate))
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=2, context=context)
            try:
                connection.request(
                    "GET", "/readyz", headers={"Authorization": f"Bearer {self.tokens['admin']}"}
                )
                return connection.getresponse().status == http.HTTPStatus.OK
            finally:
                connection.close()
        return False

    def kill(self) -> None:
        """End everything at once: its state is thrown away."""
        for daemon in (self.controllers, self.api_server, self.etcd):
            daemon.kill()

    def _daemon(self, name: str, flags: Sequence[str]) -> Daemon:
        return Daemon(self._binaries[name], flags, self.folder / f"{name}.log")

    def _write_files(self) -> None:
        users = [f'{token},{user},{user},"{_groups(user)}"' for user, token in self.tokens.items()]
        (self.folder / "tokens.csv").write_text("\n".join(users) + "\n")
        (self.folder / "audit-policy.json").write_text(AUDIT_POLICY)
        subprocess.run(
            ["openssl", "genrsa", "-out", str(self.folder / "sa.key"), "2048"],
            check=True,
            capture_output=True,
            timeout=30,
        )

    def _api_server_flags(self, etcd_port: int) -> list[str]:
        folder = self.folder
        return [
            f"--etcd-servers=http://127.0.0.1:{etcd_port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            f"--secure-port={self.port}",
            f"--cert-dir={folder / 'pki'}",
            f"--service-account-issuer=https://127.0.0.1:{self.port}",
            f"--service-account-key-file={folder / 'sa.key'}",
            f"--service-account-signing-key-file={folder / 'sa.key'}",
            "--service-cluster-ip-range=10.96.0.0/16",  # /24 holds 254 Services: too few for 300 pools
            "--authorization-mode=RBAC",
            f"--token-auth-file={folder / 'tokens.csv'}",
            "--anonymous-auth=false",
            "--disable-admission-plugins=ServiceAccount",  # else no pod before the controller has made `default`
            "--enable-admission-plugins=OwnerReferencesPermissionEnforcement",  # as some clusters have it
            "--profiling=false",
            f"--audit-policy-file={folder / 'audit-policy.json'}",
            f"--audit-log-path={self.audit_log}",
        ]

    def _controller_flags(self) -> list[str]:
        return [
            f"--kubeconfig={self.folder / 'admin.kubeconfig'}",
            f"--controllers={','.join(CONTROLLERS)}",
            "--leader-elect=false",
            "--use-service-account-credentials=false",
            "--bind-address=127.0.0.1",
            f"--secure-port={free_port()}",
            f"--cert-dir={self.folder / 'controllers-pki'}",
            "--kube-api-qps=500",  # with the default, 200 pods take seven times longer
            "--kube-api-burst=1000",
            "--profiling=false",
        ]


def _etcd_flags(folder: Path, port: int, peer_port: int) -> list[str]:
    return [
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls=http://127.0.0.1:{port}",
        f"--advertise-client-urls=http://127.0.0.1:{port}",
        f"--listen-peer-urls=http://127.0.0.1:{peer_port}",
        f"--initial-advertise-peer-urls=http://127.0.0.1:{peer_port}",
        f"--initial-cluster=default=http://127.0.0.1:{peer_port}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def _groups(user: str) -> str:
    return "system:masters" if user == "admin" else "bridge-tests"
