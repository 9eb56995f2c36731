"""More streams than slots: when does the operator decide, and when does the new instance answer?"""

import asyncio
import time
from typing import Final

import aiohttp
from pydantic import BaseModel

from bench.support.chats import Client, Outcome, session
from bench.support.systems import Part, bridge, pool_of
from bench.support.views import all_ready, gauge
from bench.support.waiting import DidNotHappen, until

READY_SECONDS: Final = 60.0
DECISION_SECONDS: Final = 15.0
STREAMS: Final = 4
SLOTS: Final = 2
LONG: Final = "[[demo tokens=240 pace_ms=50]] Number"
"""12 s: long enough that who waits is answered by a new instance."""

DESIRED: Final = "bridge_operator_desired_instances"


class Growth(BaseModel):
    decision_seconds: float | None
    """From the first request too many to a higher number of wanted instances; None: there was none."""

    answer_seconds: float | None
    """From there to the first content from an instance that was not there before."""

    failed: int


async def grow(site: Part) -> Growth:
    """Saturate one instance of two slots with four streams at once."""
    scaling = {"minInstances": 1, "maxInstances": 3}
    async with bridge(pool_of(site.url, slots=SLOTS, autoscaling=scaling)) as system, session(system) as http:
        await until(lambda: all_ready(http, system, 1), within_seconds=READY_SECONDS, what="a ready system")
        await until(
            lambda: _metrics_known(system), within_seconds=READY_SECONDS, what="the operator's metrics"
        )
        client, saturated = Client(http, system.url), time.monotonic()
        outcomes = [Outcome(saturated) for _ in range(STREAMS)]
        chats = [
            asyncio.create_task(client.chat(f"{LONG} {number}", outcome=outcome))
            for number, outcome in enumerate(outcomes)
        ]
        decided = await _decided(http, system)
        await asyncio.gather(*chats)
    return _growth(saturated, decided, outcomes)


async def _metrics_known(system: Part) -> bool:
    return bool(system.log.metrics_url)


async def _decided(http: aiohttp.ClientSession, system: Part) -> float | None:
    async def more_wanted() -> bool:
        return (await gauge(http, system.log.metrics_url, DESIRED) or 0) > 1

    try:
        await until(more_wanted, within_seconds=DECISION_SECONDS, what="a decision")
    except DidNotHappen:
        return None
    return time.monotonic()


def _growth(saturated: float, decided: float | None, outcomes: list[Outcome]) -> Growth:
    first = min(outcomes, key=lambda one: one.first_content or float("inf")).instance
    contents = [one.first_content for one in outcomes if one.first_content and one.instance != first]
    return Growth(
        decision_seconds=None if decided is None else decided - saturated,
        answer_seconds=min(contents) - saturated if contents else None,
        failed=sum(not one.answered for one in outcomes),
    )
