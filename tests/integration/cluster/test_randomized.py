"""A thousand random steps on a real API server: no chat is cut by us, what was killed is counted, and peace comes back."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.support.cluster.api import Api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.randomized.run import run
from tests.support.cluster.randomized.world import World, running_world

SEED = "BRIDGE_RANDOM_SEED"
STEPS = "BRIDGE_RANDOM_STEPS"

RunningWorld = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def seed() -> int:
    """Another one each time: what takes its course beside the steps is never the same anyway."""
    return int(os.environ.get(SEED) or secrets.randbelow(10**6))


@pytest.fixture
def world_of(
    control_plane: ControlPlane, api: Api, namespace: str, addresses: Iterator[str], tmp_path: Path
) -> RunningWorld:
    return partial(running_world, control_plane, api, namespace, tmp_path, addresses=addresses)


@pytest.mark.timeout(900)
async def test_random_steps_cut_no_chat_and_end_in_peace(world_of: RunningWorld, seed: int) -> None:
    async with world_of(seed=seed) as world:
        done = await run(world, seed, steps=int(os.environ.get(STEPS) or 1000))
    assert min(done.chats, done.let_go, done.operators) > 0, done.summary()


@pytest.mark.timeout(600)
async def test_random_steps_notice_where_pods_are_not_cordoned(world_of: RunningWorld, seed: int) -> None:
    async with world_of(seed=seed, program="tests.integration.cluster.without_cordon") as world:
        with pytest.raises(AssertionError, match="busy pods were told to end"):
            await run(world, seed, steps=1000)
