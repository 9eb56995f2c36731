"""An operator that starts beside thousands of pods: how soon it knows them, and what it then takes."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from bench.operators.restarting import Restart, make_pods, restart
from bench.operators.stage import open_stage
from bench.operators.subjects import Kind
from bench.support.command import run, say
from bench.support.results import Cell, Findings, Goal, Table
from bench.support.statistics import spread
from bench.support.tables import with_unit
from tests.support.cluster.network import private_network

READY_GOAL_SECONDS: Final = 5.0
MEMORY_GOAL_MIB: Final = 250.0


class Case(NamedTuple):
    kind: Kind
    pods_answer: bool


OURS: Final = Case(Kind.OURS, pods_answer=True)
CASES: Final = {
    OURS: "the bridge's, following every pod",
    Case(Kind.OURS, pods_answer=False): "the bridge's, no pod answers",
    Case(Kind.PEER, pods_answer=True): "plain kopf, asking no pod",
}
FIGURES: Final[Mapping[str, Callable[[Restart], float]]] = {
    "start → ready, s": lambda one: one.ready_seconds,
    "start → ready, CPU-s": lambda one: one.ready_cpu_seconds,
    "start → acting, s": lambda one: one.acting_seconds,
    "most memory, MiB (RSS)": lambda one: one.peak_rss_mib,
    "memory, MiB (RSS)": lambda one: one.rss_mib,
    "memory, MiB (PSS)": lambda one: one.pss_mib,
    "% of a core then": lambda one: one.cpu_percent,
}


async def measure(asked: argparse.Namespace) -> Findings:
    found: dict[Case, list[Restart]] = {case: [] for case in CASES}
    async with open_stage() as stage:
        say(f"making {asked.pools} pools of {asked.replicas} pods")
        await make_pods(stage, asked.pools, asked.replicas)
        for number in range(asked.rounds):
            for case, rounds in found.items():
                one = await restart(stage, case.kind, pods_answer=case.pods_answer)
                rounds.append(one)
                say(
                    f"round {number + 1} of {asked.rounds}: {CASES[case]}: ready after {one.ready_seconds:.1f} s, "
                    f"{one.rss_mib:.0f} MiB, {one.cpu_percent:.1f} %"
                )
    return Findings(
        goals=_goals(found, asked.pools * asked.replicas),
        tables={"restart": _table(found)},
        samples={CASES[case]: [one.model_dump() for one in rounds] for case, rounds in found.items()},
    )


def _goals(found: Mapping[Case, Sequence[Restart]], pods: int) -> list[Goal]:
    goals = []
    for case in CASES:
        if case.kind is Kind.PEER:
            continue
        which = "" if case.pods_answer else ", none of which answers"
        ready = spread([one.ready_seconds for one in found[case]], "s")
        memory = spread([one.peak_rss_mib for one in found[case]], "MiB")
        goals += [
            Goal(
                goal=f"restart with {pods} pods{which} → ready ≤ {READY_GOAL_SECONDS:g} s",
                measured=with_unit(ready),
                met=ready.high <= READY_GOAL_SECONDS,
            ),
            Goal(
                goal=f"most memory then ≤ {MEMORY_GOAL_MIB:g} MiB (RSS)",
                measured=with_unit(memory),
                met=memory.high <= MEMORY_GOAL_MIB,
            ),
        ]
    return goals


def _table(found: Mapping[Case, Sequence[Restart]]) -> Table:
    rows: list[list[Cell]] = [
        [figure, *(spread([of(one) for one in rounds]) for rounds in found.values())]
        for figure, of in FIGURES.items()
    ]
    return Table(columns=["", *CASES.values()], rows=rows)


if __name__ == "__main__":
    with private_network():
        run("operator_size", measure, rounds=2, options={"pools": 50, "replicas": 100})
