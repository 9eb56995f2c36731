"""What becomes of a pod when one of its processes dies or stands still, idle and busy: it notices, says so, and heals."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tests.integration.browser_pod.stage import HELLO, Pod, events_of
from tests.integration.healing.victims import Blow, processes_of, zombies_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

LONG = "A long one [[demo tokens=3000 pace_ms=10]]"
KILL, STOP = Blow

NOTICED: dict[Blow, float] = {KILL: 1.0, STOP: 3.5}
"""A death within a second; a standstill after two, because a process may just have been slow."""

SLACK = 2.0
"""What a machine with other work may take on top."""


@dataclass(frozen=True)
class Case:
    victim: str
    blow: Blow
    counted: tuple[str, ...]
    """Kinds of crashes that grow."""

    recycled: str | None
    """What is made anew, as `scope reason`; None: nothing of ours, Chromium survives it by itself."""

    @property
    def name(self) -> str:
        return f"{self.victim}-{self.blow.value}"


CASES = [
    Case("renderer", KILL, ("page",), "page PageLost"),
    Case("network", KILL, ("network",), "context NetworkLost"),
    Case("gpu", KILL, ("gpu",), None),
    Case("browser", KILL, ("browser",), "browser BrowserLost"),
    Case("driver", KILL, ("driver",), "driver DriverLost"),
    Case("renderer", STOP, ("hang", "page"), "page PageLost"),
    Case("network", STOP, ("hang", "network"), "context NetworkLost"),
    Case("gpu", STOP, ("hang", "gpu"), None),
    Case("browser", STOP, ("hang", "browser"), "browser BrowserLost"),
    Case("driver", STOP, ("hang", "driver"), "driver DriverLost"),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each_case
async def test_an_idle_pod_notices_it_and_heals(pod: Pod, case: Case) -> None:
    before = await counts(pod)
    clock = Clock()

    async with watched(pod) as seen:
        await strike(pod, case)
        await noticed(pod, case, before)
        clock.stop("noticed")
        await made_anew(pod, case, before)
        await pod.wait_until("Ready", "Ready")
        clock.stop("ready")

    clock.tell(f"{case.name}, idle")
    assert seen.states == ({"Ready"} if case.recycled is None else {"Ready", "Starting"})
    await assert_whole(pod)


@each_case
async def test_a_busy_pod_fails_its_chat_clearly_and_heals(pod: Pod, case: Case) -> None:
    before = await counts(pod)

    async with pod.chat(LONG, stream=True, lease="L1") as running:
        events = events_of(running)
        for _ in range(3):
            await anext(events)
        clock = Clock()
        await strike(pod, case)
        if case.recycled is None:
            await noticed(pod, case, before)
            assert "choices" in await anext(events)
        else:
            rest = [event async for event in events]
            clock.stop("chat failed")

            assert rest[-1]["error"]["code"] == "site_error"
            assert "[DONE]" not in rest
            assert clock.times["chat failed"] < NOTICED[case.blow] + SLACK

    await made_anew(pod, case, before)
    await pod.wait_until("Ready", "Ready")
    clock.stop("ready")
    clock.tell(f"{case.name}, busy")
    await noticed(pod, case, before)
    await assert_whole(pod)


class Clock:
    """Times since a blow, for people: nothing is asserted of them but that it was noticed in time."""

    def __init__(self) -> None:
        self.times: dict[str, float] = {}
        self._began = asyncio.get_running_loop().time()

    def stop(self, what: str) -> None:
        self.times[what] = asyncio.get_running_loop().time() - self._began

    def tell(self, name: str) -> None:
        print(name, *(f"{what} after {seconds:.2f} s" for what, seconds in self.times.items()), sep="; ")  # noqa: T201


@dataclass
class Seen:
    states: set[str] = field(default_factory=set)


@asynccontextmanager
async def watched(pod: Pod) -> AsyncIterator[Seen]:
    """Note every state that the pod's slots show."""
    seen = Seen()

    async def watch() -> None:
        async with pod.http.get(f"{pod.url}/status/stream", timeout=None) as stream:
            async for line in stream.content:
                seen.states |= set(re.findall(r'"state":"(\w+)"', line.decode()))

    watching = asyncio.create_task(watch())
    try:
        await eventually(lambda: seen.states, what="a status")
        yield seen
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def strike(pod: Pod, case: Case) -> None:
    """Let the blow fall on every process of the kind."""
    for victim in processes_of(pod)[case.victim]:
        case.blow.fall_on(victim)


async def noticed(pod: Pod, case: Case, before: dict[str, float]) -> None:
    async def counted() -> bool:
        now = await counts(pod)
        return all(now.get(f"crash {kind}", 0) > before.get(f"crash {kind}", 0) for kind in case.counted)

    await eventually(counted, within_seconds=NOTICED[case.blow] + SLACK, what=f"crashes {case.counted}")


async def made_anew(pod: Pod, case: Case, before: dict[str, float]) -> None:
    async def grown() -> bool:
        return case.recycled is None or (await counts(pod)).get(case.recycled, 0) > before.get(
            case.recycled, 0
        )

    await eventually(grown, what=f"a recycled {case.recycled}")


async def counts(pod: Pod) -> dict[str, float]:
    """Read the counters of crashes and recycles."""
    async with pod.http.get(f"{pod.metrics_url}/metrics") as answer:
        page = await answer.text()
    crashes = re.findall(r'bridge_browser_crashes_total\{kind="(\w+)"\} (\S+)', page)
    recycles = re.findall(r'bridge_browser_recycles_total\{reason="(\w+)",scope="(\w+)"\} (\S+)', page)
    return {f"crash {kind}": float(value) for kind, value in crashes} | {
        f"{scope} {reason}": float(value) for reason, scope, value in recycles
    }


WHOLE = {"pod": 1, "driver": 1, "browser": 1, "network": 1, "gpu": 1, "renderer": 2}
"""One process of each kind, and a renderer for each slot."""


async def assert_whole(pod: Pod) -> None:
    """See that each slot answers and none is held, that nothing is left of what was, and that there is no zombie."""
    await pod.wait_until("Ready", "Ready")
    answers = await asyncio.gather(pod.text(HELLO), pod.text(HELLO))
    assert all("Hello" in answer for answer in answers)
    await pod.wait_until("Ready", "Ready")
    slots = (await pod.status())["slots"]
    assert [slot["lease"] for slot in slots] == [None, None]

    def nothing_astray() -> bool:
        found = {role: len(those) for role, those in processes_of(pod).items() if role != "other helper"}
        return found == WHOLE and not zombies_of(pod)

    await eventually(nothing_astray, what="a whole tree without zombies")
    now = {process.pid for process in pod.part.tree()}
    await eventually(
        lambda: {int(left.split()[0]) for left in pod.part.left_behind()} <= now,
        what="the end of the old ones",
    )
