"""From load, or from an API server that comes back, until the operator has acted on it."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from bench.operators.applying import READY_SECONDS, apply_one
from bench.operators.stage import NAMESPACE, Stage
from bench.operators.witness import Witness, watching
from bench.support.waiting import until
from tests.support.cluster.simulated_router import SimulatedRouter, running_router

WAITING: Final = 3
AWAY_SECONDS: Final = 3.0


async def saturate(stage: Stage, witness: Witness, pools: Sequence[str]) -> list[float]:
    """Let requests wait at one pool after the other; return after how many seconds each had more replicas."""
    router = SimulatedRouter(stage.pods, [f"{NAMESPACE}/{pool}" for pool in pools])
    async with running_router(stage.api, NAMESPACE, router, next(stage.addresses)):

        async def heard() -> bool:
            return bool(router.tokens_seen)

        await until(heard, within_seconds=READY_SECONDS, what="the operator following the router")
        return [await _saturate(router, witness, pool) for pool in pools]


async def _saturate(router: SimulatedRouter, witness: Witness, pool: str) -> float:
    before = witness.deployments[pool]["spec"]["replicas"]
    began = time.monotonic()
    router.pending[f"{NAMESPACE}/{pool}"] = WAITING
    return (
        await witness.until(
            lambda: witness.deployments[pool]["spec"]["replicas"] > before,
            within_seconds=READY_SECONDS,
            what=f"more replicas of {pool}",
        )
        - began
    )


async def lose_api_server(stage: Stage, pool: str) -> float:
    """Kill the API server for a while; return after how many seconds from its start a pool applied then is served.

    The pool is applied as soon as the API server answers, so this is the time until the operator has found back.
    """
    stage.plane.api_server.kill()
    await asyncio.sleep(AWAY_SECONDS)
    began = time.monotonic()
    stage.plane.api_server.start()
    await asyncio.to_thread(stage.plane.wait_until_ready)
    async with watching(stage.api) as witness:
        await apply_one(stage, witness, pool)
    return time.monotonic() - began
