"""How fast an operator acts on a real API server: children, load, a lost API server, and what it takes while idle."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pydantic import BaseModel

from bench.operators.applying import apply_at_once, apply_one_by_one, delete_deployments
from bench.operators.idling import Idle, idle
from bench.operators.reacting import lose_api_server, saturate
from bench.operators.router import reporting
from bench.operators.stage import answering, open_stage
from bench.operators.subjects import Kind, running
from bench.operators.witness import watching
from bench.support.command import run, say
from bench.support.results import Cell, Findings, Goal, Table
from bench.support.statistics import Spread, percentile, spread
from bench.support.tables import with_unit
from tests.support.cluster.network import private_network

CHILDREN_GOAL_MS: Final = 250.0
MANY_GOAL_SECONDS: Final = 10.0
SCALE_GOAL_SECONDS: Final = 2.0
API_SERVER_GOAL_SECONDS: Final = 20.0
IDLE_GOAL_PERCENT: Final = 1.0
SATURATED: Final = 20


Of = Callable[["Found"], float]


class Found(BaseModel):
    """One operator in one round."""

    applied_ms: list[float]
    many_seconds: float
    deleted_ms: list[float]
    idle_one: Idle
    idle_many: Idle
    scaled_seconds: list[float] = []
    """Ours only, like the next: the peer knows no load, and keeps no watch of its own."""

    api_server_seconds: float | None = None


async def measure(asked: argparse.Namespace) -> Findings:
    found: dict[Kind, list[Found]] = {kind: [] for kind in Kind}
    for number in range(asked.rounds):
        for kind, rounds in found.items():
            say(f"round {number + 1} of {asked.rounds}: {kind}")
            rounds.append(await _measure(kind, asked))
    return Findings(
        goals=_goals(found[Kind.OURS], asked),
        tables={"compared": _compared(found, asked), "ours": _ours(found[Kind.OURS])},
        notes=["Pods are simulated: one server plays all of them, and each says its status every 5 s."],
        samples={kind: [one.model_dump() for one in rounds] for kind, rounds in found.items()},
    )


async def _measure(kind: Kind, asked: argparse.Namespace) -> Found:
    async with (
        open_stage() as stage,
        answering(stage.pods),
        reporting(stage) as router,
        watching(stage.api) as witness,
    ):
        async with running(kind, stage):
            await apply_one_by_one(stage, witness, 1, "warm-up")
        async with running(kind, stage, pools=1, pods=1) as subject:
            idle_one = await idle(stage, subject, asked.idle)
            applied = await apply_one_by_one(stage, witness, asked.pools, "one")
            say(f"   {asked.pools} pools one by one: p99 {_ms(applied, 99):.0f} ms")
            deleted = await delete_deployments(stage, witness, [f"one-{i}" for i in range(asked.pools)])
            say(f"   {asked.pools} Deployments deleted: p99 {_ms(deleted, 99):.0f} ms")
            many = await apply_at_once(stage, witness, asked.many)
            say(f"   {asked.many} pools at once: {many:.1f} s")
            found = Found(
                applied_ms=[1000 * seconds for seconds in applied],
                deleted_ms=[1000 * seconds for seconds in deleted],
                many_seconds=many,
                idle_one=idle_one,
                idle_many=await idle(stage, subject, asked.idle),
            )
            say(
                f"   idle: {found.idle_one.cpu_percent:.2f} and {found.idle_many.cpu_percent:.2f} % of a core"
            )
            if kind is Kind.OURS:
                found.scaled_seconds = await saturate(
                    router, witness, [f"one-{i}" for i in range(min(SATURATED, asked.pools))]
                )
                found.api_server_seconds = await lose_api_server(stage, "after-loss")
            return found


def _ms(seconds: Sequence[float], percent: float) -> float:
    return 1000 * percentile(seconds, percent)


def _goals(ours: Sequence[Found], asked: argparse.Namespace) -> list[Goal]:
    applied = spread([percentile(one.applied_ms, 99) for one in ours], "ms")
    deleted = spread([percentile(one.deleted_ms, 99) for one in ours], "ms")
    many = spread([one.many_seconds for one in ours], "s")
    scaled = spread([max(one.scaled_seconds) for one in ours], "s")
    lost = spread([one.api_server_seconds for one in ours if one.api_server_seconds is not None], "s")
    idle_one = spread([one.idle_one.cpu_percent for one in ours], "%")
    idle_many = spread([one.idle_many.cpu_percent for one in ours], "%")
    writes = [one.idle_one.writes + one.idle_many.writes for one in ours]
    looks = sum(one.idle_one.looks + one.idle_many.looks for one in ours)
    return [
        _at_most(
            f"pool applied → all its children there: p99 ≤ {CHILDREN_GOAL_MS:g} ms", applied, CHILDREN_GOAL_MS
        ),
        _at_most(
            f"{asked.many} pools at once → all children there ≤ {MANY_GOAL_SECONDS:g} s",
            many,
            MANY_GOAL_SECONDS,
        ),
        _at_most(f"Deployment deleted → back: p99 ≤ {CHILDREN_GOAL_MS:g} ms", deleted, CHILDREN_GOAL_MS),
        _at_most(
            f"saturation → `/scale` written ≤ {SCALE_GOAL_SECONDS:g} s (slowest)", scaled, SCALE_GOAL_SECONDS
        ),
        _at_most(
            f"API server killed and started → a new pool is served ≤ {API_SERVER_GOAL_SECONDS:g} s",
            lost,
            API_SERVER_GOAL_SECONDS,
        ),
        _at_most(f"idle with one pool ≤ {IDLE_GOAL_PERCENT:g} % of a core", idle_one, IDLE_GOAL_PERCENT),
        _at_most(
            f"idle with {asked.many + asked.pools + 1} pools ≤ {IDLE_GOAL_PERCENT:g} % of a core",
            idle_many,
            IDLE_GOAL_PERCENT,
        ),
        Goal(
            goal="writes to the API while nothing changes: 0",
            measured=f"{sum(writes)} in {looks} looks at pools",
            met=sum(writes) == 0,
        ),
    ]


def _at_most(goal: str, cell: Spread, limit: float) -> Goal:
    """Hold every round to the goal."""
    return Goal(goal=goal, measured=with_unit(cell), met=cell.high <= limit)


def _compared(found: Mapping[Kind, Sequence[Found]], asked: argparse.Namespace) -> Table:
    every = asked.many + asked.pools + 1
    rows: list[list[Cell]] = []
    figures: tuple[tuple[str, Of], ...] = (
        ("pool applied → children there, p50 ms", lambda one: percentile(one.applied_ms, 50)),
        ("→ p99 ms", lambda one: percentile(one.applied_ms, 99)),
        (f"{asked.many} pools at once → children there, s", lambda one: one.many_seconds),
        ("Deployment deleted → back, p50 ms", lambda one: percentile(one.deleted_ms, 50)),
        ("→ p99 ms", lambda one: percentile(one.deleted_ms, 99)),
        ("idle with one pool, % of a core", lambda one: one.idle_one.cpu_percent),
        (f"idle with {every} pools, % of a core", lambda one: one.idle_many.cpu_percent),
        (f"memory with {every} pools, MiB (PSS)", lambda one: one.idle_many.pss_mib),
    )
    for name, of in figures:
        ours, peer = ([of(one) for one in found[kind]] for kind in Kind)
        ratio = _ratio(spread(peer).median, spread(ours).median)
        rows.append([name, ratio, spread(ours), spread(peer)])
    return Table(columns=["", "peer / ours", *(str(kind) for kind in Kind)], rows=rows)


def _ratio(peer: float, ours: float) -> str:
    return f"{peer / ours:.2f} ×" if ours > 0 else "–"


def _ours(ours: Sequence[Found]) -> Table:
    scaled = [one.scaled_seconds for one in ours]
    rows: list[list[Cell]] = [
        ["three requests wait → `/scale` written, p50 s", spread([percentile(one, 50) for one in scaled])],
        ["→ slowest, s", spread([max(one) for one in scaled])],
        [
            "API server started again → a pool applied then has a ready pod, s",
            spread([one.api_server_seconds for one in ours if one.api_server_seconds is not None]),
        ],
        [
            "looks at pools in the idle times",
            spread([one.idle_one.looks + one.idle_many.looks for one in ours]),
        ],
        ["writes in the idle times", spread([one.idle_one.writes + one.idle_many.writes for one in ours])],
    ]
    return Table(columns=["", ""], rows=rows)


if __name__ == "__main__":
    with private_network():
        run("operator_times", measure, rounds=2, options={"pools": 50, "many": 300, "idle": 60})
