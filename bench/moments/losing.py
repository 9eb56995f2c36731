"""Kill one of two instances while chats are under way: when is the next answer, and is a request lost?"""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Final

import aiohttp
from pydantic import BaseModel

from bench.moments.victims import Victim, find
from bench.support.chats import Client, Outcome, session
from bench.support.systems import Part, bridge, pool_of
from bench.support.views import all_ready, instances
from bench.support.waiting import until
from bridge_api.wire.instance import SlotState

READY_SECONDS: Final = 60.0
SLOTS: Final = 3
SLOW: Final = "[[demo tokens=30 pace_ms=100]] Number"
"""Its heartbeats take 0.4 s: there is time to kill before the first content."""

SHORT: Final = "Hello [[demo tokens=5 pace_ms=5]]"


class Loss(BaseModel):
    next_answer_seconds: float
    """From the kill to the first content of a chat sent at that moment."""

    replaced_seconds: float
    """From the kill to two instances with every slot Ready."""

    chats: int
    before_content: int
    """Chats that had shown nothing when the instance was killed."""

    lost_before_content: int
    """Those of them that failed."""

    cut_after_content: int


async def lose(site: Part) -> Loss:
    """Kill twice: with a slot free on the other instance for the next chat, and with every slot busy and two waiting."""
    scaling = {"minInstances": 2, "maxInstances": 2}
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(bridge(pool_of(site.url, slots=SLOTS, autoscaling=scaling)))
        http = await stack.enter_async_context(session(system))
        client = Client(http, system.url)
        first, killed = await _kill_under(http, system, client, chats=2, busy_each=1)
        answered = await client.chat(SHORT)
        outcomes = await first
        replaced = await _ready(http, system) - killed
        second, _ = await _kill_under(http, system, client, chats=2 * SLOTS + 2, busy_each=SLOTS)
        return _loss(killed, answered, replaced, outcomes + await second)


async def _kill_under(
    http: aiohttp.ClientSession, system: Part, client: Client, *, chats: int, busy_each: int
) -> tuple["asyncio.Future[list[tuple[Outcome, bool]]]", float]:
    """Start chats, kill one instance once both are busy, and return the outcomes to come and when it was."""
    await _ready(http, system)
    outcomes = [Outcome(time.monotonic()) for _ in range(chats)]
    running = [
        asyncio.create_task(client.chat(f"{SLOW} {number}", outcome=outcome))
        for number, outcome in enumerate(outcomes)
    ]
    await until(
        lambda: _both_busy(http, system, busy_each), within_seconds=READY_SECONDS, what="busy instances"
    )
    find(Victim.POD, system).kill()
    killed = time.monotonic()
    shown = [outcome.first_content is not None for outcome in outcomes]

    async def all_of_them() -> list[tuple[Outcome, bool]]:
        return list(zip(await asyncio.gather(*running), shown, strict=True))

    return asyncio.ensure_future(all_of_them()), killed


async def _ready(http: aiohttp.ClientSession, system: Part) -> float:
    await until(lambda: all_ready(http, system, 2), within_seconds=READY_SECONDS, what="two ready instances")
    return time.monotonic()


async def _both_busy(http: aiohttp.ClientSession, system: Part, busy_each: int) -> bool:
    found = await instances(http, system)
    busy = [sum(slot.state is SlotState.BUSY for slot in one.slots) for one in found]
    return len(busy) == 2 and min(busy) >= busy_each


def _loss(killed: float, answered: Outcome, replaced: float, outcomes: list[tuple[Outcome, bool]]) -> Loss:
    return Loss(
        next_answer_seconds=(answered.first_content or answered.ended) - killed,
        replaced_seconds=replaced,
        chats=len(outcomes) + 1,
        before_content=sum(not shown for _, shown in outcomes) + 1,
        lost_before_content=sum(not one.answered and not shown for one, shown in outcomes)
        + (not answered.answered),
        cut_after_content=sum(not one.answered and shown for one, shown in outcomes),
    )
