"""From a pool applied, or a child deleted, until the children are there."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from bench.operators.stage import NAMESPACE, Stage
from bench.operators.witness import DEPLOYMENTS, Witness
from bench.support.waiting import until
from tests.support.cluster.crd import pools_path
from tests.support.cluster.pools import make_pool

CHILDREN_SECONDS: Final = 300.0
"""Long, for an operator that tries again after a minute where the API server was too busy to answer."""
READY_SECONDS: Final = 30.0


async def apply_one_by_one(stage: Stage, witness: Witness, count: int, prefix: str) -> list[float]:
    """Apply pools one after the other, each once the pod of the one before is ready; return the seconds of each."""
    return [await apply_one(stage, witness, f"{prefix}-{number}") for number in range(count)]


async def apply_one(stage: Stage, witness: Witness, name: str) -> float:
    began = time.monotonic()
    await stage.api.create(pools_path(NAMESPACE), make_pool(name, slots=1))
    seconds = await _children(witness, [name]) - began

    async def ready() -> bool:
        return any(pod.status().ready for pod in stage.pods.of_pool(f"{NAMESPACE}/{name}"))

    await until(ready, within_seconds=READY_SECONDS, what=f"a ready pod of {name}")
    return seconds


async def apply_at_once(stage: Stage, witness: Witness, count: int) -> float:
    """Apply many pools, and return after how many seconds the last child of all of them was there."""
    names = [f"many-{number}" for number in range(count)]
    began = time.monotonic()
    creating = [stage.api.create(pools_path(NAMESPACE), make_pool(name, slots=1)) for name in names]
    await asyncio.gather(*creating)
    return await _children(witness, names) - began


async def delete_deployments(stage: Stage, witness: Witness, pools: Sequence[str]) -> list[float]:
    """Delete the Deployment of one pool after the other, and return after how many seconds each was there again."""
    return [await _delete_deployment(stage, witness, pool) for pool in pools]


async def _delete_deployment(stage: Stage, witness: Witness, pool: str) -> float:
    before = witness.deployments[pool]["metadata"]
    began = time.monotonic()
    await stage.api.delete(f"{DEPLOYMENTS}/{before['name']}", {"propagationPolicy": "Background"})
    await witness.until(
        lambda: (
            witness.came(pool) is not None and witness.deployments[pool]["metadata"]["uid"] != before["uid"]
        ),
        within_seconds=CHILDREN_SECONDS,
        what=f"another Deployment of {pool}",
    )
    return witness.deployment_came(pool) - began


async def _children(witness: Witness, pools: Sequence[str]) -> float:
    """Wait for all children of the pools, and return when the last came."""
    await witness.until(
        lambda: all(witness.came(pool) is not None for pool in pools),
        within_seconds=CHILDREN_SECONDS,
        what=f"all children of {len(pools)} pools",
    )
    return max(came for pool in pools if (came := witness.came(pool)) is not None)
