"""The elector by itself, on a real Lease: what it believes about its leadership, whatever clocks and people do."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge_operator.cluster.elector import Elector
from bridge_runtime.kube import Key
from bridge_runtime.kube.client import KubeApi, connected
from tests.support.cluster.api import Api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.leases import NAME, give_lease_to, read_lease
from tests.support.waiting import eventually

A_DAY = 86_400.0


@pytest.fixture
async def kube(control_plane: ControlPlane, tmp_path: Path) -> AsyncIterator[KubeApi]:
    kubeconfig = control_plane.access().write_kubeconfig(tmp_path / "elector.kubeconfig")
    async with connected(kubeconfig, user_agent="tests") as kube:
        yield kube


class WallClock:
    """The time of day, which somebody sets."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def make_elector(kube: KubeApi, namespace: str, name: str, wall_clock: WallClock) -> Elector:
    return Elector(
        api=kube,
        lease=Key(namespace, NAME),
        identity=name,
        lease_seconds=3,
        clock=time.monotonic,
        wall_clock=wall_clock,
        random=lambda: 0.5,
    )


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_a_lease_that_somebody_else_has_got_is_lost_at_once(
    kube: KubeApi, api: Api, namespace: str
) -> None:
    elector = make_elector(kube, namespace, "one", WallClock())
    elector.lease_seconds = 30
    running = asyncio.create_task(elector.run(for_ever))
    await eventually(elector.leads, what="leading")

    await give_lease_to(api, namespace, "somebody else")

    async with asyncio.timeout(8):  # it looks each 4 s, and would go on for 20
        await running
    assert (await read_lease(api, namespace))["holderIdentity"] == "somebody else"


@pytest.mark.parametrize("ahead", [A_DAY, -A_DAY])
async def test_a_clock_that_is_set_neither_loses_a_lease_nor_wins_another_ones(
    kube: KubeApi, api: Api, namespace: str, ahead: float
) -> None:
    clock = WallClock()
    leader, other = (make_elector(kube, namespace, name, clock) for name in ("one", "other"))
    running = [asyncio.create_task(leader.run(for_ever))]
    await eventually(leader.leads, what="leading")
    running.append(asyncio.create_task(other.run(for_ever)))
    clock.ahead = ahead

    async def renewed_since() -> bool:
        renewed = (await read_lease(api, namespace))["renewTime"]
        return bool(renewed[:10] == time.strftime("%Y-%m-%d", time.gmtime(clock())))

    await eventually(renewed_since, what="the Lease being renewed with the other date")
    renewals = {(await read_lease(api, namespace))["renewTime"]}

    async def renewed_for_longer_than_the_lease() -> bool:
        renewals.add((await read_lease(api, namespace))["renewTime"])
        return len(renewals) > 10

    await eventually(renewed_for_longer_than_the_lease, what="ten renewals")
    assert leader.leads()
    assert not other.leads()
    for task in reversed(running):
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
