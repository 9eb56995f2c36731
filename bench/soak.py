"""A soak: hundreds of chats with random faults through the whole system, which must be afterwards as it was before."""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

import aiohttp
from pydantic import BaseModel

from bench.soaking.ledger import Chat, Entry, by_fault, mistakes, plan
from bench.support.chats import Client, session
from bench.support.command import run, say
from bench.support.results import Findings, Goal, Table
from bench.support.statistics import change_percent
from bench.support.systems import Part, bridge, demo_site, pool_of
from bench.support.trees import Footprint, footprint, open_files, tree
from bench.support.views import all_ready
from bench.support.waiting import until

CLIENTS: Final = 8
INSTANCES: Final = 2
SLOTS: Final = 4
SEED: Final = 20
FAULT_PERCENT: Final = 5.0
STEP: Final = 100
"""Chats between two looks at the processes; the first of them are the warm-up."""

READY_SECONDS: Final = 60.0
SETTLE_SECONDS: Final = 5.0
GOAL_PERCENT: Final = 10.0
SHOWN_MISTAKES: Final = 10


class Look(BaseModel):
    """The system with nothing to do."""

    chats: int
    pss_mib: float
    private_mib: float
    processes: int
    open_files: int


async def measure(asked: argparse.Namespace) -> Findings:
    chats = plan(asked.chats, FAULT_PERCENT, Random(SEED))
    scaling = {"minInstances": INSTANCES, "maxInstances": INSTANCES}
    timeouts = {"firstTokenSeconds": 5, "idleSeconds": 3, "totalSeconds": 30}
    async with (
        demo_site() as site,
        bridge(pool_of(site.url, slots=SLOTS, autoscaling=scaling, timeouts=timeouts)) as system,
        session(system) as http,
    ):
        looks, entries = [await _look(http, system, 0)], []
        for some in _steps(chats):
            entries += await _have(some, Client(http, system.url))
            looks.append(await _look(http, system, len(entries)))
            say(
                f"{len(entries)} of {len(chats)} chats, {looks[-1].pss_mib:.0f} MiB, {len(mistakes(entries))} mistakes"
            )
    return _findings(entries, looks)


def _steps(chats: Sequence[Chat]) -> Iterator[Sequence[Chat]]:
    yield from (chats[begin : begin + STEP] for begin in range(0, len(chats), STEP))


async def _have(chats: Sequence[Chat], client: Client) -> list[Entry]:
    """Have the chats with a few clients, each one after another."""
    waiting, entries = list(reversed(chats)), []

    async def work() -> None:
        while waiting:
            chat = waiting.pop()
            outcome = await client.chat(chat.text, stream=chat.stream)
            entries.append(Entry(chat, outcome.error, outcome.text))

    await asyncio.gather(*(work() for _ in range(CLIENTS)))
    return entries


async def _look(http: aiohttp.ClientSession, system: Part, chats: int) -> Look:
    """Wait until every slot is Ready, and look at the processes."""
    await until(
        lambda: all_ready(http, system, INSTANCES), within_seconds=READY_SECONDS, what="every slot ready"
    )
    await asyncio.sleep(SETTLE_SECONDS)
    processes = tree(system.pid)
    seen: Footprint = footprint(processes)
    return Look(
        chats=chats,
        pss_mib=seen.pss_mib,
        private_mib=seen.private_mib,
        processes=seen.processes,
        open_files=open_files(processes),
    )


def _findings(entries: Sequence[Entry], looks: Sequence[Look]) -> Findings:
    wrong = mistakes(entries)
    for mistake in wrong[:SHOWN_MISTAKES]:
        say(mistake)
    return Findings(
        goals=[
            Goal(
                goal="every chat answered, or failed with the right code",
                measured=f"{len(entries) - len(wrong)} of {len(entries)}",
                met=not wrong,
            ),
            Goal(goal="every slot Ready at the end", measured="yes", met=True),
            *_flatness(looks),
        ],
        tables={"looks": _looks_table(looks), "faults": _faults_table(entries)},
        samples={"mistakes": wrong, "looks": [look.model_dump() for look in looks]},
    )


def _flatness(looks: Sequence[Look]) -> Iterator[Goal]:
    """Compare every later look with the end of the warm-up; `looks` has one before any chat."""
    if len(looks) < 3:
        yield Goal(goal="flat after the warm-up", measured=f"fewer than {2 * STEP} chats", met=None)
        return
    for what, seen in (
        ("memory (PSS)", [look.pss_mib for look in looks]),
        ("processes", [look.processes for look in looks]),
        ("open files", [look.open_files for look in looks]),
    ):
        _, warm, *later = seen
        changes = [change_percent(warm, one) for one in later]
        furthest = max(changes, key=abs)
        yield Goal(
            goal=f"{what} flat within {GOAL_PERCENT:g} % after the warm-up, at every look",
            measured=f"{warm:.0f} → {later[-1]:.0f} ({changes[-1]:+.1f} %; furthest {furthest:+.1f} %)",
            met=abs(furthest) <= GOAL_PERCENT,
        )


def _looks_table(looks: Sequence[Look]) -> Table:
    return Table(
        columns=["after chats", "PSS MiB", "private MiB", "processes", "open files"],
        rows=[
            [
                str(one.chats),
                f"{one.pss_mib:.0f}",
                f"{one.private_mib:.0f}",
                str(one.processes),
                str(one.open_files),
            ]
            for one in looks
        ],
    )


def _faults_table(entries: Sequence[Entry]) -> Table:
    return Table(
        columns=["fault", "must end as", "chats", "did"],
        rows=[
            [fault, expected, str(count), str(right)] for fault, expected, count, right in by_fault(entries)
        ],
    )


if __name__ == "__main__":
    run("soak", measure, rounds=1, options={"chats": 500})
