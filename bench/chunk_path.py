"""How chunks get out of a page, and from there to a client: latency, CPU, exactly once and in order."""

import argparse
from typing import Final, NamedTuple

from bench.chunks.reader import Round
from bench.chunks.through import ALL_THE_WAY, Passage, passages
from bench.chunks.ways import Way
from bench.support.command import run, say
from bench.support.results import Cell, Findings, Goal, Table
from bench.support.statistics import Spread, spread
from bench.support.systems import ask, part
from bench.support.tables import with_unit
from bench.support.trees import Role
from bridge_api.spec.browser import BrowserMode

SLOTS: Final = 8
P99_GOAL_MS: Final = 15.0
CPU_GOAL_SECONDS: Final = 16.0
QUIET_P99_MS: Final = 3.0
"""A plain read is later than this only where something else takes the processors: on this loopback it takes 0.1 ms."""

ROUND_SECONDS: Final = 120.0


class Case(NamedTuple):
    way: Way
    mode: BrowserMode
    per_second: int
    """Chunks of each slot."""


NORMAL: Final = 50
HEAVY: Final = 200
CHUNKS: Final = {NORMAL: 400, HEAVY: 1000}
OUT: Final = (Way.TAP, Way.BINDING, Way.EXPOSE_BINDING)
DEFAULT: Final = Case(Way.TAP, BrowserMode.SHELL, NORMAL)
CASES: Final = (
    *(Case(way, BrowserMode.SHELL, NORMAL) for way in Way),
    *(Case(way, BrowserMode.HEADLESS, NORMAL) for way in OUT),
    *(Case(way, BrowserMode.SHELL, HEAVY) for way in OUT),
)
NAMES: Final = {
    Way.DIRECT: "no browser: read from the site (floor)",
    Way.NONE: "nothing leaves the page (floor)",
    Way.TAP: "**network stream (the bridge's)**",
    Way.BINDING: "raw CDP binding, script in the page",
    Way.EXPOSE_BINDING: "Playwright `expose_binding`, script in the page",
}


async def measure(asked: argparse.Namespace) -> Findings:
    rounds: dict[Case, list[Round]] = {case: [] for case in CASES}
    for number in range(asked.rounds):
        for case in CASES:
            say(f"round {number + 1} of {asked.rounds}: {case.way}, {case.mode}, {case.per_second}/s")
            rounds[case].append(await _one_round(case))
    through = await passages(asked.rounds, SLOTS)
    return _findings(rounds, through)


async def _one_round(case: Case) -> Round:
    many = ("--slots", str(SLOTS), "--chunks", str(CHUNKS[case.per_second]))
    async with part("bench.chunks.source", *many, "--pace-ms", str(1000 / case.per_second)) as source:
        how = ("--way", case.way, "--mode", case.mode, "--url", source.url)
        return Round.model_validate_json(
            await ask("bench.chunks.reader", *how, *many, within_seconds=ROUND_SECONDS)
        )


def _findings(rounds: dict[Case, list[Round]], through: dict[str, list[Passage]]) -> Findings:
    return Findings(
        goals=_goals(rounds, through),
        tables={
            **{mode: _table(rounds, mode, NORMAL) for mode in (BrowserMode.SHELL, BrowserMode.HEADLESS)},
            "heavy": _table(rounds, BrowserMode.SHELL, HEAVY),
            "through": _through_table(through),
        },
        notes=_notes(rounds[DEFAULT._replace(way=Way.DIRECT)]),
        samples={
            "tap": {
                f"{case.way} {case.mode} {case.per_second}/s": [one.model_dump() for one in of_case]
                for case, of_case in rounds.items()
            },
            "through": {name: [one.model_dump() for one in ones] for name, ones in through.items()},
        },
    )


def _notes(floor: list[Round]) -> list[str]:
    late = _latency(floor, "p99")
    if late.median <= QUIET_P99_MS:
        return []
    busy = f"The machine was busy with other work: even a plain read had a p99 of {with_unit(late)}."
    return [f"{busy} Compare the ways; the absolute latencies are not theirs."]


def _goals(rounds: dict[Case, list[Round]], through: dict[str, list[Passage]]) -> list[Goal]:
    late, cpu = _latency(rounds[DEFAULT], "p99"), _cpu(rounds[DEFAULT])
    exact = all(one.exact for case, ones in rounds.items() for one in ones if case.way is Way.TAP)
    all_the_way = spread([sum(one.cpu_seconds_per_10000.values()) for one in through[ALL_THE_WAY]], "CPU-s")
    exact_through = all(one.exact for ones in through.values() for one in ones)
    return [
        Goal(
            goal=f"at the tap, 8 × 50 chunks/s: p99 ≤ {P99_GOAL_MS:g} ms",
            measured=with_unit(late),
            met=late.median <= P99_GOAL_MS,
        ),
        Goal(
            goal=f"at the tap: ≤ {CPU_GOAL_SECONDS:g} CPU-s per 10,000 chunks",
            measured=with_unit(cpu),
            met=cpu.median <= CPU_GOAL_SECONDS,
        ),
        Goal(
            goal=f"at the client, the page paints nothing: ≤ {CPU_GOAL_SECONDS:g} CPU-s per 10,000 chunks",
            measured=with_unit(all_the_way),
            met=all_the_way.median <= CPU_GOAL_SECONDS,
        ),
        Goal(goal="exactly once, in order, at the tap", measured=_yes(yes=exact), met=exact),
        Goal(
            goal="exactly once, in order, at the client", measured=_yes(yes=exact_through), met=exact_through
        ),
    ]


def _table(rounds: dict[Case, list[Round]], mode: BrowserMode, per_second: int) -> Table:
    cases = [case for case in CASES if (case.mode, case.per_second) == (mode, per_second)]
    default = _cpu(rounds[Case(Way.TAP, mode, per_second)]).median
    return Table(
        columns=[
            "way out of the page",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "CPU-s per 10,000",
            "of the bridge's",
            "exact",
        ],
        rows=[_row(case, rounds[case], default) for case in cases],
    )


def _row(case: Case, rounds: list[Round], default_cpu: float) -> list[Cell]:
    late: list[Cell] = ["–"] * 3
    if case.way is not Way.NONE:
        late = [_latency(rounds, name) for name in ("p50", "p99", "p99.9")]
    cpu, exact = _cpu(rounds), _yes(yes=all(one.exact for one in rounds))
    return [
        NAMES[case.way],
        *late,
        cpu,
        f"{cpu.median / default_cpu:.2f} ×",
        "–" if case.way is Way.NONE else exact,
    ]


def _through_table(through: dict[str, list[Passage]]) -> Table:
    return Table(
        columns=[
            "from the site's write to the client's read",
            "p50 ms",
            "p99 ms",
            "CPU-s per 10,000: Python and driver",
            "Chromium",
            "exact",
        ],
        rows=[
            [
                name,
                *(spread([one.latency_ms[which] for one in ones]) for which in ("p50", "p99")),
                spread([_ours(one.cpu_seconds_per_10000) for one in ones]),
                spread([one.cpu_seconds_per_10000[Role.CHROMIUM] for one in ones]),
                _yes(yes=all(one.exact for one in ones)),
            ]
            for name, ones in through.items()
        ],
    )


def _ours(used: dict[Role, float]) -> float:
    return used[Role.PYTHON] + used[Role.DRIVER]


def _latency(rounds: list[Round], name: str) -> Spread:
    return spread([one.latency_ms[name] for one in rounds], "ms")


def _cpu(rounds: list[Round]) -> Spread:
    return spread([sum(one.cpu_seconds_per_10000.values()) for one in rounds], "CPU-s")


def _yes(*, yes: bool) -> str:
    return "yes" if yes else "no"


if __name__ == "__main__":
    run("chunk_path", measure, rounds=3)
