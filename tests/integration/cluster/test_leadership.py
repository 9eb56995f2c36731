"""Which of two operators acts: always one at most, and soon the other one where the first has gone."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.cluster.api import Api
from tests.support.cluster.audit import AuditLog
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.faults import FaultProxy
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.leases import EVERYTHING, SHORT
from tests.support.cluster.namespaces import grant
from tests.support.cluster.operators import OperatorProcess, start_operator
from tests.support.cluster.pools import QUICK, create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.simulated_router import SimulatedRouter
from tests.support.waiting import eventually

FIRST, SECOND = "first-operator", "second-operator"
LEASE_SECONDS = 3

Start = Callable[..., Awaitable[OperatorProcess]]


@pytest.fixture
async def start(
    control_plane: ControlPlane, api: Api, namespace: str, kubelet: Kubelet, tmp_path: Path
) -> AsyncIterator[Start]:
    """Start operators under names of their own, that run until the end of the test."""
    async with AsyncExitStack() as running:

        async def start(user: str, *flags: str, port: int | None = None) -> OperatorProcess:
            await grant(api, user, namespace, EVERYTHING)
            operator = await start_operator(
                control_plane, tmp_path, namespace, SHORT, *flags, user=user, port=port
            )
            running.push_async_callback(operator.part.stop)
            return operator

        yield start


async def leading(operator: OperatorProcess, within_seconds: float = 20.0) -> float:
    """Wait until an operator leads, and return how long that took."""
    clock = asyncio.get_running_loop().time
    began = clock()
    await eventually(operator.leads, within_seconds=within_seconds, what="the operator leading")
    return clock() - began


async def leading_no_more(operator: OperatorProcess) -> None:
    async def stands_back() -> bool:
        return not await operator.leads()

    await eventually(stands_back, what="the operator leading no more")


async def two(start: Start, *flags: str, port: int | None = None) -> tuple[OperatorProcess, OperatorProcess]:
    """Start one that leads and one that stands by and knows everything."""
    first = await start(FIRST, *flags, port=port)
    await leading(first)
    second = await start(SECOND, *flags)

    async def knows_everything() -> bool:
        return (await second.answers("/readyz"))[0] == 200

    await eventually(knows_everything, what="the second operator being ready")
    return first, second


def writers(audit: AuditLog, namespace: str) -> list[str]:
    """Name who wrote, in their order, and again whoever wrote after another one."""
    return [user for user, _ in itertools.groupby(one.user for one in audit.writes(namespace))]


async def test_one_of_two_leads_and_the_other_writes_nothing(
    start: Start, api: Api, namespace: str, pods: SimulatedPods, control_plane: ControlPlane
) -> None:
    audit = AuditLog(control_plane.audit_log)
    first, second = await two(start)
    await create_pool(api, namespace)
    await pods.ready(1)
    await reason_of(api, namespace, "Progressing", "AsWanted")

    assert await first.leads()
    assert not await second.leads()
    assert writers(audit, namespace) == [FIRST]


async def test_a_leader_that_is_told_to_end_hands_over_at_once(
    start: Start, api: Api, namespace: str, pods: SimulatedPods
) -> None:
    first, second = await two(start, "--lease-seconds=60")
    await create_pool(api, namespace)
    await pods.ready(1)

    first.part.send(signal.SIGTERM)

    assert await leading(second) <= 5  # two seconds on a quiet machine; the Lease would last 60
    assert await first.part.ended() == 0
    await edit_pool(api, namespace, autoscaling={"minInstances": 2})
    await pods.ready(2)


async def test_a_leader_that_is_killed_is_replaced_within_one_lease(
    start: Start, api: Api, namespace: str, pods: SimulatedPods
) -> None:
    first, second = await two(start)
    await create_pool(api, namespace)
    await pods.ready(1)

    first.part.send(signal.SIGKILL)

    assert await leading(second) <= LEASE_SECONDS + 3
    await edit_pool(api, namespace, autoscaling={"minInstances": 2})
    await pods.ready(2)


async def test_a_leader_that_slept_past_its_lease_writes_nothing_and_ends(
    start: Start, api: Api, namespace: str, pods: SimulatedPods, control_plane: ControlPlane
) -> None:
    first, second = await two(start)
    await create_pool(api, namespace)
    await pods.ready(1)

    first.part.send(signal.SIGSTOP)
    await leading(second)
    audit = AuditLog(control_plane.audit_log)
    await edit_pool(api, namespace, autoscaling={"minInstances": 2})  # something to do for the first one, too
    first.part.send(signal.SIGCONT)

    assert await first.part.ended() == 1
    await pods.ready(2)
    assert writers(audit, namespace) == [SECOND]


async def test_a_leader_that_is_cut_off_stops_before_another_one_starts(
    start: Start, api: Api, namespace: str, pods: SimulatedPods, control_plane: ControlPlane
) -> None:
    async with FaultProxy(control_plane).running() as proxy:
        first, second = await two(start, port=proxy.port)
        audit = AuditLog(control_plane.audit_log)
        await create_pool(api, namespace)
        await pods.ready(1)

        proxy.stall()
        await edit_pool(api, namespace, autoscaling={"minInstances": 2})
        await leading_no_more(first)
        assert not await second.leads()
        await leading(second)
        proxy.release()
        await pods.ready(2)

    assert await first.part.ended() == 1
    assert writers(audit, namespace) == [FIRST, SECOND]


async def test_an_api_server_that_stalls_leaves_at_most_one_that_writes(
    start: Start, api: Api, namespace: str, pods: SimulatedPods, control_plane: ControlPlane
) -> None:
    first, second = await two(start)
    audit = AuditLog(control_plane.audit_log)
    await create_pool(api, namespace)
    await pods.ready(1)

    control_plane.api_server.send(signal.SIGSTOP)
    try:
        assert await first.part.ended() == 1
    finally:
        control_plane.api_server.send(signal.SIGCONT)
    await leading(second)
    await edit_pool(api, namespace, autoscaling={"minInstances": 2})
    await pods.ready(2)
    assert writers(audit, namespace) == [FIRST, SECOND]


async def test_who_takes_over_removes_nothing_within_the_first_stable_window(
    start: Start, api: Api, namespace: str, pods: SimulatedPods, router: SimulatedRouter
) -> None:
    scaling = {**QUICK, "minInstances": 1, "maxInstances": 3, "stableWindowSeconds": 6}
    first, second = await two(start)
    await create_pool(api, namespace, slots=1, autoscaling=scaling)
    await pods.ready(1)
    router.pending[f"{namespace}/demo"] = 3
    await pods.ready(3)
    router.pending[f"{namespace}/demo"] = 0

    first.part.send(signal.SIGKILL)
    await leading(second)
    began = asyncio.get_running_loop().time()
    await eventually(lambda: len(pods.all) < 3, what="an idle pod having gone")

    assert asyncio.get_running_loop().time() - began >= 5
    await pods.ready(1)
    assert pods.ledger.cut == []
