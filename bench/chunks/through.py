"""Chunks from the demo site's write to a client's read: through an instance alone, and through router and instance.

Chunks of reasoning lie folded on the page, which then has nothing to paint: what is left is the bridge's own way.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Final

from pydantic import BaseModel

from bench.chunks.arrivals import Arrivals
from bench.support.chats import Client, Outcome, session
from bench.support.command import say
from bench.support.statistics import percentile
from bench.support.systems import Part, bridge, demo_site, pod, pool_of
from bench.support.trees import Role, cpu_seconds, tree
from bench.support.views import all_ready, pod_ready
from bench.support.waiting import until

CHUNKS: Final = 400
READY_SECONDS: Final = 60.0
SHOWN: Final = f"[[demo stamps=yes tokens={CHUNKS} pace_ms=20]] Count"
ALL_THE_WAY: Final = "router and instance; the page paints nothing"
FOLDED: Final = f"[[demo stamps=yes reasoning={CHUNKS - 1} tokens=1 pace_ms=20]] Count"


class Passage(BaseModel):
    latency_ms: dict[str, float]
    cpu_seconds_per_10000: dict[Role, float]
    """Of everything but the site and the client, while all slots stream."""

    exact: bool


async def passages(rounds: int, slots: int) -> dict[str, list[Passage]]:
    """Measure both, in turns."""
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(demo_site())
        pool = pool_of(site.url, slots=slots, autoscaling={"minInstances": 1, "maxInstances": 1})
        alone = await stack.enter_async_context(pod(pool))
        whole = await stack.enter_async_context(bridge(pool))
        await _until_ready(alone, whole)
        cases = {
            "instance alone; the page paints nothing": (alone, FOLDED),
            ALL_THE_WAY: (whole, FOLDED),
            "router and instance; the page paints every chunk": (whole, SHOWN),
        }
        found: dict[str, list[Passage]] = {name: [] for name in cases}
        for number in range(rounds):
            for name, (system, question) in cases.items():
                say(f"round {number + 1} of {rounds}: page to client, {name}")
                found[name].append(await _pass(system, slots, question))
        return found


async def _until_ready(alone: Part, whole: Part) -> None:
    async with session(alone) as http:
        await until(lambda: pod_ready(http, alone), within_seconds=READY_SECONDS, what="a ready instance")
        await until(lambda: all_ready(http, whole, 1), within_seconds=READY_SECONDS, what="a ready system")


async def _pass(system: Part, slots: int, question: str) -> Passage:
    """Have every slot stream at once; the CPU time counts while all of them do."""
    arrivals = [Arrivals(CHUNKS) for _ in range(slots)]
    async with session(system) as http:
        clients = [Client(http, system.url, _hearing(one)) for one in arrivals]
        outcomes = [Outcome(time.monotonic()) for _ in clients]
        chats = [
            asyncio.create_task(client.chat(question, outcome=outcome))
            for client, outcome in zip(clients, outcomes, strict=True)
        ]
        await until(lambda: _all_begun(outcomes), within_seconds=READY_SECONDS, what="content in every slot")
        processes = tree(system.pid)
        before, seen = cpu_seconds(processes), _count(arrivals)
        await asyncio.wait(chats, return_when=asyncio.FIRST_COMPLETED)
        after, counted = cpu_seconds(processes), _count(arrivals) - seen
        await asyncio.gather(*chats)
    return _passage(arrivals, {role: (after[role] - before[role]) * 10_000 / counted for role in Role})


def _hearing(arrivals: Arrivals) -> Callable[[str], None]:
    return lambda text: arrivals.take(text, time.monotonic())


async def _all_begun(outcomes: list[Outcome]) -> bool:
    return all(outcome.first_content for outcome in outcomes)


def _count(arrivals: list[Arrivals]) -> int:
    return sum(len(one.numbers) for one in arrivals)


def _passage(arrivals: list[Arrivals], cpu: dict[Role, float]) -> Passage:
    latencies = [seconds * 1000 for one in arrivals for seconds in one.latencies]
    return Passage(
        latency_ms={f"p{percent}": percentile(latencies, percent) for percent in (50, 99)},
        cpu_seconds_per_10000=cpu,
        exact=all(one.exact for one in arrivals),
    )
