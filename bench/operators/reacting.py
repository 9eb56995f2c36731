"""From load, or from an API server that comes back, until the operator has acted on it."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from bench.operators.applying import READY_SECONDS, apply_one
from bench.operators.router import Router
from bench.operators.stage import Stage
from bench.operators.witness import Witness, watching

WAITING: Final = 3
AWAY_SECONDS: Final = 3.0


async def saturate(router: Router, witness: Witness, pools: Sequence[str]) -> list[float]:
    """Let requests wait at one pool after the other; return after how many seconds each had more replicas."""
    return [await _saturate(router, witness, pool) for pool in pools]


async def _saturate(router: Router, witness: Witness, pool: str) -> float:
    before = witness.deployments[pool]["spec"]["replicas"]
    began = time.monotonic()
    router.let_wait(pool, WAITING)
    seen = await witness.until(
        lambda: witness.deployments[pool]["spec"]["replicas"] > before,
        within_seconds=READY_SECONDS,
        what=f"more replicas of {pool}",
    )
    return seen - began


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
