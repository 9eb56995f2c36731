"""What a slot costs in memory: PSS of whole process trees, against a browser for each chat."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, NamedTuple

from bench.peers.browser_per_chat import ALL_ANSWERED
from bench.peers.screen import has_screen, screen
from bench.support.chats import Client, session
from bench.support.command import run, say
from bench.support.results import Findings, Goal, Table
from bench.support.statistics import Spread, spread
from bench.support.systems import Failed, Log, Part, demo_site, pod, pool_of
from bench.support.tables import with_unit
from bench.support.trees import Footprint, footprint, other_chromiums, tree
from bench.support.views import pod_ready
from bench.support.waiting import until
from bridge_api.spec.browser import BrowserMode
from bridge_runtime.child import started

COUNTS: Final = (1, 4, 8)
MOST: Final = COUNTS[-1]
READY_SECONDS: Final = 120.0
SETTLE_SECONDS: Final = 6.0
"""After the last answer: what its page has still to do is over."""

GOAL_MB_PER_SLOT: Final = 75.0
MB_PER_MIB: Final = 2**20 / 10**6
GOAL_RATIO: Final = 2.0
GIB_IN_MIB: Final = 1024


DISTURBED: Final = "Another Chromium ran on the machine meanwhile, so that these figures are too low."


class Case(NamedTuple):
    is_ours: bool
    """One browser with a context for each chat; else a browser for each chat."""

    mode: BrowserMode
    chats: int = MOST


OURS: Final = Case(is_ours=True, mode=BrowserMode.SHELL)
NAMES: Final = {
    BrowserMode.HEADED: "a headed browser for each chat",
    BrowserMode.HEADLESS: "a new-headless browser for each chat",
    BrowserMode.SHELL: "a headless-shell browser for each chat",
}


async def measure(asked: argparse.Namespace) -> Findings:
    old = Case(is_ours=False, mode=BrowserMode.HEADED if has_screen() else BrowserMode.HEADLESS)
    designs = (OURS, OURS._replace(mode=BrowserMode.HEADLESS), old, OURS._replace(is_ours=False))
    cases = [design._replace(chats=count) for count in COUNTS for design in designs]
    found: dict[Case, list[Footprint]] = {case: [] for case in cases}
    disturbed = False
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(demo_site())
        environment = await stack.enter_async_context(screen()) if old.mode is BrowserMode.HEADED else None
        for number in range(asked.rounds):
            for case in cases:
                disturbed = disturbed or other_chromiums()
                one = await _measure(case, site, environment)
                say(
                    f"round {number + 1} of {asked.rounds}: {_name(case)}, {case.chats} chats: {one.pss_mib:.0f} MiB"
                )
                found[case].append(one)
    return _findings(found, old, disturbed=disturbed)


async def _measure(case: Case, site: Part, environment: Mapping[str, str] | None) -> Footprint:
    running = _instance(case, site) if case.is_ours else _peer(case, site, environment)
    async with running as pid:
        await asyncio.sleep(SETTLE_SECONDS)
        return footprint(tree(pid))


@asynccontextmanager
async def _instance(case: Case, site: Part) -> AsyncIterator[int]:
    """Run an instance that has answered a chat in every slot."""
    pool = pool_of(site.url, mode=case.mode, slots=case.chats)
    async with pod(pool) as running, session(running) as http:
        await until(lambda: pod_ready(http, running), within_seconds=READY_SECONDS, what="every slot ready")
        client = Client(http, running.url)
        outcomes = await asyncio.gather(*(client.chat("Hello") for _ in range(case.chats)))
        if not all(outcome.answered for outcome in outcomes):
            raise Failed(f"chats were not answered: {[outcome.error for outcome in outcomes]}")
        await until(
            lambda: pod_ready(http, running), within_seconds=READY_SECONDS, what="every slot ready again"
        )
        yield running.pid


@asynccontextmanager
async def _peer(case: Case, site: Part, environment: Mapping[str, str] | None) -> AsyncIterator[int]:
    """Run as many browsers as chats; each has answered one."""
    how = ("--mode", case.mode, "--chats", str(case.chats), "--site", site.url)
    command = (sys.executable, "-m", "bench.peers.browser_per_chat", *how)
    log = Log()
    async with started("peer", command, say=log.hear, environment=environment) as child:

        async def answered() -> bool:
            if not child.running:
                raise Failed(f"the peer has ended: {' | '.join(log.lines)}")
            return ALL_ANSWERED in log.lines

        await until(answered, within_seconds=READY_SECONDS, what="the peer's answers")
        yield child.pid


def _findings(found: Mapping[Case, list[Footprint]], old: Case, *, disturbed: bool) -> Findings:
    per_slot = spread([one.pss_mib * MB_PER_MIB / MOST for one in found[OURS]], "MB")
    ratio = _chats_per_gib(OURS, found[OURS]) / _chats_per_gib(old, found[old])
    return Findings(
        goals=[
            Goal(
                goal=f"≤ {GOAL_MB_PER_SLOT:g} MB per slot at {MOST} slots (shell)",
                measured=f"{with_unit(per_slot)}: {with_unit(_per_chat(OURS, found[OURS]))}",
                met=per_slot.median <= GOAL_MB_PER_SLOT,
            ),
            Goal(
                goal=f"≥ {GOAL_RATIO:g} × the chats per GiB of {_name(old)}, at {MOST}",
                measured=f"{ratio:.1f} ×",
                met=ratio >= GOAL_RATIO,
            ),
        ],
        tables={"pss": _table(found)},
        notes=[_note(old), *([DISTURBED] if disturbed else [])],
        samples={
            f"{_name(case)}, {case.chats}": [[round(one.pss_mib, 1), one.processes] for one in ones]
            for case, ones in found.items()
        },
    )


def _note(old: Case) -> str:
    if old.mode is BrowserMode.HEADED:
        return "The peer's windows are on Xvfb, whose own memory is not counted."
    return "There is no Xvfb here: in place of headed browsers the peer has new-headless ones, with Playwright's default switches."


def _table(found: Mapping[Case, list[Footprint]]) -> Table:
    bridge = {
        case.chats: _chats_per_gib(case, ones)
        for case, ones in found.items()
        if case._replace(chats=MOST) == OURS
    }
    return Table(
        columns=[
            "design",
            "chats at a time",
            "PSS MiB",
            "per chat",
            "processes",
            "chats per GiB",
            "the bridge (`shell`) has",
        ],
        rows=[
            [
                _name(case),
                str(case.chats),
                spread([one.pss_mib for one in ones]),
                _per_chat(case, ones),
                str(ones[-1].processes),
                f"{_chats_per_gib(case, ones):.1f}",
                f"{bridge[case.chats] / _chats_per_gib(case, ones):.2f} ×",
            ]
            for case, ones in found.items()
        ],
    )


def _per_chat(case: Case, ones: list[Footprint]) -> Spread:
    """Divide by the chats: each carries its share of Python, driver and browser."""
    return spread([one.pss_mib / case.chats for one in ones], "MiB")


def _chats_per_gib(case: Case, ones: list[Footprint]) -> float:
    return GIB_IN_MIB / _per_chat(case, ones).median


def _name(case: Case) -> str:
    return f"**the bridge, `{case.mode}`**" if case.is_ours else NAMES[case.mode]


if __name__ == "__main__":
    run("memory", measure, rounds=3)
