"""Ten thousand random steps against the operator on a real API server: how many chats it cut, and whether it counts what was killed."""

import argparse
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hack.ensure_kubernetes import WHAT_TO_DO, find_binaries, missing_binaries

from bench.support.command import run, say
from bench.support.results import Cell, Findings, Goal, Table
from bench.support.systems import Failed
from tests.support.cluster.api import open_api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.crd import install_crd
from tests.support.cluster.kubelet import pod_addresses
from tests.support.cluster.namespaces import own_namespace
from tests.support.cluster.network import private_network
from tests.support.cluster.randomized import run as randomized
from tests.support.cluster.randomized.world import World, running_world

STEPS: Final = 10_000
NAMESPACE: Final = "bench"


async def measure(asked: argparse.Namespace) -> Findings:
    seed = asked.seed or secrets.randbelow(10**6)
    say(f"{asked.steps} steps, seed {seed}")
    async with _world(seed) as world:
        done = await randomized.run(world, seed, asked.steps)
    say(done.summary())
    return _findings(done)


@asynccontextmanager
async def _world(seed: int) -> AsyncIterator[World]:
    if missing := missing_binaries(os.environ):
        raise Failed(f"missing: {', '.join(missing)}\n{WHAT_TO_DO}")
    with TemporaryDirectory(prefix="bridge-bench-") as folder:
        plane = ControlPlane(find_binaries(os.environ), Path(folder))
        try:
            plane.start()
            async with open_api(plane.access()) as api, own_namespace(api, NAMESPACE):
                await install_crd(api)
                async with running_world(
                    plane, api, NAMESPACE, Path(folder), addresses=pod_addresses(), seed=seed
                ) as world:
                    yield world
        finally:
            plane.kill()


def _findings(done: randomized.Done) -> Findings:
    """Show a run that has come to its end: one in which something did not hold ends with an error in place of figures."""
    kinds = sorted(done.by_kind.items(), key=lambda kind: -kind[1])
    return Findings(
        goals=[
            Goal(goal="no chat cut by the operator, and no busy pod chosen by it", measured="none", met=True),
            Goal(
                goal="bridge_operator_busy_kills_total says what the ledger says",
                measured=f"{done.counted} of {done.busy_kills}",
                met=done.counted == done.busy_kills,
            ),
            Goal(goal="peace at the end, with nothing left over", measured="yes", met=True),
        ],
        tables={
            "course": Table(columns=["what", "count"], rows=_course(done)),
            "steps": Table(
                columns=["step", "taken"],
                rows=[[kind.replace("_", " "), str(count)] for kind, count in kinds],
            ),
        },
        samples={"seed": done.seed},
    )


def _course(done: randomized.Done) -> list[list[Cell]]:
    return [
        ["steps", str(done.steps)],
        ["seconds", f"{done.seconds:.0f}"],
        ["chats", str(done.chats)],
        ["pods that the operator let go", str(done.let_go)],
        ["busy pods that the test ended or crashed", str(done.busy_kills - done.overtaken)],
        ["busy pods that turned NotReady, or came back, while `/scale` was on its way", str(done.overtaken)],
        ["operators stopped or killed", str(done.operators)],
    ]


if __name__ == "__main__":
    with private_network():
        run("randomized", measure, rounds=1, options={"steps": STEPS, "seed": 0})
