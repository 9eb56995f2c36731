"""Several steps at once: none outlives the failure of another one."""

import asyncio

import pytest

from bridge_operator.cluster.together import together
from bridge_runtime.kube import KubeError


async def say(word: str) -> str:
    return word


async def fail() -> str:
    raise KubeError(409, "Conflict", "changed meanwhile")


async def test_results_come_in_the_order_of_the_steps():
    assert await together(say(word) for word in ("a", "b")) == ["a", "b"]


async def test_a_failure_ends_the_other_steps_before_it_is_told_as_it_was():
    ended = []

    async def last() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("last")
        return ""

    with pytest.raises(KubeError, match="changed meanwhile"):
        await together([last(), fail()])
    assert ended == ["last"]
