"""Kill one process of a system with one slot, idle and busy, and see how long it takes until it answers again."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from pydantic import BaseModel

from bench.moments.victims import Victim, find
from bench.support.chats import Client, Outcome, session
from bench.support.systems import Part, bridge, pool_of
from bench.support.views import all_in, all_ready
from bench.support.waiting import LOOK_SECONDS, DidNotHappen, until
from bridge_api.wire.instance import SlotState

READY_SECONDS: Final = 60.0
HEAL_SECONDS: Final = 45.0
NOTICE_SECONDS: Final = 3.0
"""A slot that has not left Ready by then: the death has not been noticed, or does not matter."""

USABLE: Final = (SlotState.READY, SlotState.BUSY)
SHORT: Final = "Hello [[demo tokens=5 pace_ms=5]]"
LONG: Final = "Hello [[demo tokens=1000 pace_ms=50]]"


class Healing(BaseModel):
    answer_seconds: float | None
    """From the kill to the first content of the next chat that is answered; None: not within the time."""

    errors: list[str]
    """How chats failed until then."""

    ready_seconds: float | None
    """From the kill to every slot Ready again; None: none was seen to leave Ready."""

    cut_seconds: float | None = None
    """Busy: from the kill to the end of the chat that ran."""

    cut_error: str | None = None


@dataclass(slots=True)
class Watch:
    """Notes when slots can and cannot be used."""

    http: aiohttp.ClientSession
    system: Part
    left: float | None = None
    back: float | None = None
    looking: bool = field(default=True)

    async def look(self) -> None:
        while self.looking:
            usable, now = await all_in(self.http, self.system, 1, USABLE), time.monotonic()
            if not usable:
                self.left, self.back = self.left or now, None
            elif self.left is not None and self.back is None:
                self.back = now
            await asyncio.sleep(LOOK_SECONDS)


async def heal(site: Part, victim: Victim, *, busy: bool) -> Healing:
    """Measure one death in a system of its own."""
    pool = pool_of(site.url, slots=1, autoscaling={"minInstances": 1, "maxInstances": 1})
    async with bridge(pool) as system, session(system) as http:
        await until(lambda: all_ready(http, system, 1), within_seconds=READY_SECONDS, what="a ready system")
        client = Client(http, system.url)
        running, chat = await _running_chat(client) if busy else (None, None)
        watch = Watch(http, system)
        find(victim, system).kill()
        killed = time.monotonic()
        looking = asyncio.create_task(watch.look())
        if chat is not None:
            await asyncio.wait([chat], timeout=HEAL_SECONDS if victim is not Victim.GPU else 0)
            chat.cancel()
        answered, errors = await _next_answer(client)
        await _settled(watch, killed)
        watch.looking = False
        await looking
    return _healing(killed, answered, errors, watch, running)


async def _running_chat(client: Client) -> tuple[Outcome, asyncio.Task[Outcome]]:
    running = Outcome(time.monotonic())
    chat = asyncio.create_task(client.chat(LONG, outcome=running))

    async def shown() -> bool:
        return running.first_content is not None

    await until(shown, within_seconds=READY_SECONDS, what="content before the kill")
    return running, chat


async def _next_answer(client: Client) -> tuple[Outcome | None, list[str]]:
    errors: list[str] = []

    async def answered() -> Outcome | None:
        outcome = await client.chat(SHORT)
        if outcome.error is not None:
            errors.append(outcome.error)
        return outcome if outcome.answered else None

    try:
        return await until(answered, within_seconds=HEAL_SECONDS, what="an answer"), errors
    except DidNotHappen:
        return None, errors


async def _settled(watch: Watch, killed: float) -> None:
    async def settled() -> bool:
        noticed = watch.left is not None
        return watch.back is not None if noticed else time.monotonic() - killed > NOTICE_SECONDS

    try:
        await until(settled, within_seconds=HEAL_SECONDS, what="slots that are ready again")
    except DidNotHappen:
        return


def _healing(
    killed: float, answered: Outcome | None, errors: list[str], watch: Watch, running: Outcome | None
) -> Healing:
    content = answered.first_content if answered else None
    cut = running is not None and running.error not in (None, "") and running.ended > 0
    return Healing(
        answer_seconds=None if content is None else content - killed,
        errors=errors,
        ready_seconds=None if watch.back is None else watch.back - killed,
        cut_seconds=running.ended - killed if running and cut else None,
        cut_error=running.error if running and cut else None,
    )
