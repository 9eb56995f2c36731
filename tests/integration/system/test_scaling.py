"""The system grows and shrinks with load, wakes from zero and sleeps again, and cuts no chat by it."""

import asyncio
import os
import re
import signal
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from tests.integration.system.conftest import DemoSite, System, running_system
from tests.integration.system.ledger import Ledger
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser

MODEL = "atlas-3-large"
WITHOUT_CORDON = ("tests.integration.system.without_cordon", "--local")

QUICK: dict[str, Any] = {
    "stableWindowSeconds": 2,
    "behavior": {
        "scaleUp": {"policies": [{"type": "Pods", "value": 4, "periodSeconds": 1}]},
        "scaleDown": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 1}]},
    },
}
ONE_TO_THREE = {"minInstances": 1, "maxInstances": 3, "scaleDownBelowPercent": 60, **QUICK}
"""Three chats on six slots are below 60 %, so that the instance that goes has one."""


async def instances(system: System, count: int) -> bool:
    return len([one for one in await system.instances() if not one["draining"]]) == count


async def cordoned(system: System) -> list[dict[str, Any]]:
    return [one for one in await system.instances() if one["cordoned"]]


async def busy_instances(system: System, count: int) -> bool:
    chatting = [one for one in await system.instances() if "Busy" in {s["state"] for s in one["slots"]}]
    return len(chatting) == count


async def metrics(system: System, part: str, name: str) -> dict[str, float]:
    """Read the samples of a metric, by their labels, from a part of the system."""
    for process in system.part.tree():
        if part in process.cmdline():
            for port in {c.laddr.port for c in process.net_connections("inet") if c.status == "LISTEN"}:
                with_samples = await _samples(system, port, name)
                if with_samples:
                    return with_samples
    return {}


async def _samples(system: System, port: int, name: str) -> dict[str, float]:
    try:
        async with system.http.get(f"http://127.0.0.1:{port}/metrics") as answer:
            text = await answer.text() if answer.ok else ""
    except aiohttp.ClientError:
        return {}
    found = re.findall(rf"^{name}\{{(.*?)\}} (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found}


async def grow_and_shrink(system: System) -> Ledger:
    """Have twelve chats at once, then three long ones while two instances too many are there."""
    ledger = Ledger(system, MODEL)
    async with ledger.watching():
        await asyncio.gather(*(ledger.chat(f"Burst {n}", tokens=60, pace_ms=50) for n in range(12)))
        await asyncio.gather(*(ledger.chat(f"Tail {n}", tokens=120, pace_ms=50) for n in range(3)))
        await eventually(lambda: instances(system, 1), within_seconds=30, what="one instance")
    return ledger


async def test_a_pool_grows_with_twelve_streams_and_shrinks_without_cutting_one(
    tmp_path: Path, site: DemoSite
) -> None:
    async with running_system(tmp_path, site, autoscaling=ONE_TO_THREE) as system:
        ledger = await grow_and_shrink(system)
        requests = await metrics(system, "bridge_router", "bridge_router_requests_total")
        scaled = await metrics(system, "bridge_operator", "bridge_operator_scale_decisions_total")

    assert [entry for entry in ledger.entries if not entry.answered] == []
    assert ledger.told_to_leave_while_chatting() == []
    assert max(ledger.ready_counts) == 3
    assert sum(requests.values()) == len(ledger.entries) == 15
    assert all('code="ok"' in labels for labels in requests), requests
    assert {reason for labels in scaled for reason in re.findall('reason="(.*)"', labels)} == {
        "HighUtilization",
        "LowUtilization",
    }
    assert "reason=HighUtilization" in system.part.text


async def test_without_the_cordon_step_that_test_would_fail(tmp_path: Path, site: DemoSite) -> None:
    pools = running_system(tmp_path, site, command=WITHOUT_CORDON, autoscaling=ONE_TO_THREE)
    async with pools as system:
        ledger = await grow_and_shrink(system)

    assert ledger.told_to_leave_while_chatting() != []


async def test_an_instance_on_its_way_out_is_taken_back_when_load_returns(
    tmp_path: Path, site: DemoSite
) -> None:
    scaling = {**ONE_TO_THREE, "minInstances": 2, "maxInstances": 2}
    async with running_system(tmp_path, site, autoscaling=scaling, slots=4) as system:
        await eventually(system.idle, what="every slot")
        before = set(system.instance_pids())
        ledger = Ledger(system, MODEL)
        async with ledger.watching():
            long = [asyncio.create_task(ledger.chat(f"Long {n}", tokens=300, pace_ms=50)) for n in range(2)]
            await eventually(lambda: busy_instances(system, 2), what="a chat on each")
            system.edit(autoscaling={**scaling, "minInstances": 1})
            await eventually(lambda: cordoned(system), what="one that is on its way out")
            more = [asyncio.create_task(ledger.chat(f"More {n}", tokens=60, pace_ms=50)) for n in range(4)]

            async def is_back() -> bool:
                return not await cordoned(system)

            await eventually(is_back, what="it is taken back")
            assert set(system.instance_pids()) == before
            await asyncio.gather(*long, *more)

    assert all(entry.answered for entry in ledger.entries)
    assert {entry.instance for entry in ledger.entries} == before


async def test_a_pool_wakes_from_zero_and_sleeps_again(tmp_path: Path, site: DemoSite) -> None:
    scaling = {"minInstances": 0, "maxInstances": 2, "idleSecondsToZero": 2, **QUICK}
    async with running_system(tmp_path, site, autoscaling=scaling) as system:
        assert await system.instances() == []
        ledger = Ledger(system, MODEL)

        first = await ledger.chat("Wake up")

        assert first.answered, first
        await eventually(lambda: instances(system, 0), within_seconds=30, what="no instance")
        await eventually(lambda: not system.instance_pids(), what="no process of one")
        again = await ledger.chat("And once more")
        assert again.answered, again
        assert again.instance != first.instance


@pytest.mark.parametrize(
    ("fault", "state"), [("rateLimited", "RateLimited"), ("challengePage", "NeedsHuman")]
)
async def test_a_limit_or_a_challenge_never_causes_a_scale_up(
    tmp_path: Path, site: DemoSite, fault: str, state: str
) -> None:
    scaling = {"minInstances": 1, "maxInstances": 3, **QUICK}
    async with running_system(tmp_path, site, autoscaling=scaling) as system:
        ledger = Ledger(system, MODEL)
        await site.fail(fault, times=None, retryAfterSeconds=60)

        async def all_blocked() -> bool:
            await ledger.chat("Hello")
            return {slot["state"] for slot in await system.slots()} == {state}

        await eventually(all_blocked, within_seconds=30, what=f"slots that are all {state}")
        async with ledger.watching():
            for _ in range(3):
                await asyncio.gather(*(ledger.chat(f"Again {n}") for n in range(8)))

        assert (await system.pool())["desiredInstances"] == 1
        assert len(system.instance_pids()) == 1
        assert not any(entry.answered for entry in ledger.entries[1:])


async def test_replicas_decide_where_scaling_is_external_and_paused_means_hands_off(
    tmp_path: Path, site: DemoSite
) -> None:
    async with running_system(
        tmp_path, site, autoscaling={"mode": "External", "minInstances": 1}, replicas=1
    ) as system:
        ledger = Ledger(system, MODEL)
        async with ledger.watching():
            chats = [asyncio.create_task(ledger.chat(f"On {n}", tokens=200, pace_ms=50)) for n in range(2)]
            await eventually(lambda: system.ready(1), what="a ready one")
            system.edit(replicas=2)
            await eventually(lambda: system.ready(2), within_seconds=30, what="a second one")
            system.edit(replicas=0)
            await eventually(lambda: cordoned(system), what="one that takes no new chats")
            await asyncio.gather(*chats)
            await eventually(lambda: instances(system, 0), within_seconds=30, what="none")
            await eventually(lambda: not system.instance_pids(), what="no process of one")
        assert all(entry.answered for entry in ledger.entries)
        assert ledger.told_to_leave_while_chatting() == []

        system.edit(replicas=1)
        await eventually(lambda: system.ready(1), within_seconds=30, what="one again")
        system.edit(paused=True)
        await eventually(lambda: "spec.paused: hands off" in system.part.text, what="the pause")
        (pid,) = system.instance_pids().values()
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: instances(system, 0), what="its end")
        assert not psutil.pid_exists(pid)
        assert system.instance_pids() == {}
        system.edit(paused=False)
        await eventually(lambda: system.ready(1), within_seconds=30, what="another one")
