"""Real operators as processes, beside the API server of the tests, with the rights that a test gives them."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.support.cluster.control_plane import ControlPlane
from tests.support.processes import Part, free_port
from tests.support.waiting import eventually

_numbers = itertools.count()
MASTER_TOKEN = "the-master-token-of-these-tests"


class OperatorProcess:
    """One operator, and how to reach its probes."""

    def __init__(self, part: Part, metrics_port: int) -> None:
        self.part = part
        self.metrics_port = metrics_port

    async def answers(self, path: str) -> tuple[int, str]:
        """Ask a probe or for the metrics; 0 where nobody listens."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{self.metrics_port}{path}") as response,
            ):
                return response.status, await response.text()
        except aiohttp.ClientError:
            return 0, ""

    async def leads(self) -> bool:
        _, metrics = await self.answers("/metrics")
        return "bridge_operator_leading 1.0" in metrics


async def start_operator(
    plane: ControlPlane,
    folder: Path,
    namespace: str,
    *flags: str,
    user: str = "admin",
    port: int | None = None,
    program: str = "bridge_operator",
) -> OperatorProcess:
    """Start an operator; `port` is of what listens before the API server, `program` a module that is one."""
    token_file = folder / "master-token"
    token_file.write_text(MASTER_TOKEN)
    number = next(_numbers)
    kubeconfig = plane.access(user, port=port).write_kubeconfig(folder / f"operator-{number}.kubeconfig")
    metrics_port = free_port()
    arguments = [
        program,
        f"--kubeconfig={kubeconfig}",
        f"--namespace={namespace}",
        f"--master-token-file={token_file}",
        f"--metrics-port={metrics_port}",
        "--router-service=router",
        *flags,
    ]
    part = await Part.start(arguments, folder / f"operator-{number}.log")
    return OperatorProcess(part, metrics_port)


@asynccontextmanager
async def running_operator(
    plane: ControlPlane,
    folder: Path,
    namespace: str,
    *flags: str,
    user: str = "admin",
    port: int | None = None,
) -> AsyncIterator[OperatorProcess]:
    """Run an operator that leads."""
    operator = await start_operator(plane, folder, namespace, *flags, user=user, port=port)
    try:
        await eventually(operator.leads, what="the operator leading")
        yield operator
    finally:
        await operator.part.stop()
