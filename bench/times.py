"""How long it takes: a start, the next answer after a death, each step of healing, and growing with load."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Final

from bench.moments.growing import Growth, grow
from bench.moments.healing import Healing, heal
from bench.moments.losing import Loss, lose
from bench.moments.starting import Start, start
from bench.moments.victims import Victim
from bench.support.command import run, say
from bench.support.results import Cell, Findings, Goal, Table
from bench.support.statistics import spread
from bench.support.systems import Failed, Part, demo_site
from bench.support.tables import with_unit
from bench.support.waiting import DidNotHappen
from bridge_api.spec.browser import BrowserMode

DECISION_GOAL_SECONDS: Final = 2.0
ANSWER_GOAL_SECONDS: Final = 1.0
MODES: Final = (BrowserMode.SHELL, BrowserMode.HEADLESS)

Deaths = Mapping[tuple[Victim, bool], Sequence[Healing]]


async def measure(asked: argparse.Namespace) -> Findings:
    starts: dict[BrowserMode, list[Start]] = {mode: [] for mode in MODES}
    deaths: dict[tuple[Victim, bool], list[Healing]] = {
        (v, busy): [] for v in Victim for busy in (False, True)
    }
    losses: list[Loss] = []
    growths: list[Growth] = []
    async with demo_site() as site:
        for number in range(asked.rounds):
            where = f"round {number + 1} of {asked.rounds}:"
            for mode, found in starts.items():
                say(f"{where} start, {mode}")
                found.append(await start(site, mode))
            say(f"{where} one of two instances is killed")
            losses.append(await lose(site))
            say(f"{where} more streams than slots")
            growths.append(await grow(site))
            await _deaths(where, site, deaths)
    return Findings(
        goals=_goals(losses, growths),
        tables={
            "start": _start_table(starts),
            "instance": _loss_table(losses),
            "scaling": _growth_table(growths),
            "healing": _healing_table(deaths),
        },
        samples={
            "start": {mode: [one.model_dump() for one in found] for mode, found in starts.items()},
            "instance": [one.model_dump() for one in losses],
            "scaling": [one.model_dump() for one in growths],
            "healing": {
                f"{victim}, {_state(busy=busy)}": [one.model_dump() for one in found]
                for (victim, busy), found in deaths.items()
            },
        },
    )


async def _deaths(where: str, site: Part, deaths: Mapping[tuple[Victim, bool], list[Healing]]) -> None:
    for (victim, busy), found in deaths.items():
        say(f"{where} kill -9, {victim}, {_state(busy=busy)}")
        try:
            found.append(await heal(site, victim, busy=busy))
        except (Failed, DidNotHappen) as trouble:
            say(f"   {trouble}")
            found.append(Healing(answer_seconds=None, errors=[], ready_seconds=None))


def _state(*, busy: bool) -> str:
    return "busy" if busy else "idle"


def _goals(losses: Sequence[Loss], growths: Sequence[Growth]) -> list[Goal]:
    answer = spread([one.next_answer_seconds for one in losses], "s")
    lost, early = sum(one.lost_before_content for one in losses), sum(one.before_content for one in losses)
    return [
        Goal(
            goal=f"kill -9 of an instance → next answer ≤ {ANSWER_GOAL_SECONDS:g} s",
            measured=with_unit(answer),
            met=answer.median <= ANSWER_GOAL_SECONDS,
        ),
        Goal(
            goal="no request lost before its first content",
            measured=f"{lost} of {early} lost",
            met=lost == 0,
        ),
        _decision_goal([one.decision_seconds for one in growths]),
    ]


def _decision_goal(decisions: Sequence[float | None]) -> Goal:
    goal = f"saturation → scaling decision ≤ {DECISION_GOAL_SECONDS:g} s"
    made = [seconds for seconds in decisions if seconds is not None]
    if len(made) < len(decisions):
        return Goal(
            goal=goal, measured=f"{len(decisions) - len(made)} of {len(decisions)} times none", met=False
        )
    cell = spread(made, "s")
    return Goal(goal=goal, measured=with_unit(cell), met=cell.median <= DECISION_GOAL_SECONDS)


def _start_table(starts: Mapping[BrowserMode, Sequence[Start]]) -> Table:
    return Table(
        columns=["`browser.mode`", "`bridge up` → first answer, s", "→ every slot Ready, s"],
        rows=[
            [
                f"`{mode}`",
                _seconds([s.answer_seconds for s in found]),
                _seconds([s.ready_seconds for s in found]),
            ]
            for mode, found in starts.items()
        ],
    )


def _loss_table(losses: Sequence[Loss]) -> Table:
    return Table(
        columns=["one of two instances killed", ""],
        rows=[
            [
                "→ first content of a chat sent at that moment, s",
                _seconds([one.next_answer_seconds for one in losses]),
            ],
            ["→ two instances with every slot Ready, s", _seconds([one.replaced_seconds for one in losses])],
            ["chats under way", str(sum(one.chats for one in losses))],
            ["of them without content yet", str(sum(one.before_content for one in losses))],
            ["lost before first content", str(sum(one.lost_before_content for one in losses))],
            [
                "cut after first content (the client gets an error)",
                str(sum(one.cut_after_content for one in losses)),
            ],
        ],
    )


def _growth_table(growths: Sequence[Growth]) -> Table:
    return Table(
        columns=["four streams on two slots", ""],
        rows=[
            ["→ decision, s", _seconds([one.decision_seconds for one in growths])],
            ["→ first content from the new instance, s", _seconds([one.answer_seconds for one in growths])],
            ["streams that failed", str(sum(one.failed for one in growths))],
        ],
    )


def _healing_table(deaths: Deaths) -> Table:
    columns = [
        "killed",
        "while",
        "→ next answer, s",
        "→ slots Ready again, s",
        "chats that failed until then",
    ]
    return Table(
        columns=[*columns, "the chat that ran"],
        rows=[_healing_row(*key, found) for key, found in deaths.items()],
    )


def _healing_row(victim: Victim, busy: bool, found: Sequence[Healing]) -> list[Cell]:
    errors = [len(one.errors) for one in found]
    kinds = sorted({error for one in found for error in one.errors})
    return [
        victim.value,
        _state(busy=busy),
        _seconds([one.answer_seconds for one in found]),
        _seconds([one.ready_seconds for one in found], none="none left Ready"),
        f"{sum(errors)} ({', '.join(kinds)})" if kinds else "0",
        _cut(found) if busy else "–",
    ]


def _cut(found: Sequence[Healing]) -> str:
    kinds = sorted({one.cut_error for one in found if one.cut_error})
    seconds = [one.cut_seconds for one in found if one.cut_seconds is not None]
    return f"{', '.join(kinds)} after {spread(seconds).median:.2f} s" if seconds else "went on"


def _seconds(values: Sequence[float | None], none: str = "not within the time") -> Cell:
    known = [value for value in values if value is not None]
    if not known:
        return none
    return spread(known) if len(known) == len(values) else f"{spread(known).median:.2f}; else {none}"


if __name__ == "__main__":
    run("times", measure, rounds=3)
