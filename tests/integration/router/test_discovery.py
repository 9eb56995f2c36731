"""The registry file is followed, and so are the instances in it."""

import asyncio
from pathlib import Path

from bridge_api.pool import BridgeInstancePool
from bridge_runtime.tokens import pool_token
from tests.integration.router.stage import Bench, eventually, make_pool, running_bench


async def test_pools_and_instances_come_and_go_with_the_file(bench: Bench) -> None:
    one, two = await bench.pod("one"), await bench.pod("two")
    await bench.serve_pods(one)

    bench.write_registry([make_pool()], [two])
    await eventually(lambda: bench.connected() == {"two"})
    assert (await bench.post()).headers["x-bridge-instance"] == "two"

    bench.write_registry([], [])
    await eventually(lambda: not bench.router.dispatcher.pools)
    assert (await bench.post()).status == 503


async def test_an_instance_under_a_wrong_name_gets_no_chat(bench: Bench) -> None:
    pod = await bench.pod("one")
    wrong = await bench.pod("two")
    await bench.serve_pods(pod)
    wrong.instance = "somebody-else"
    record = wrong.record().model_copy(update={"instance": "two"})

    bench.write_registry_of([make_pool()], [pod.record(), record])

    await eventually(lambda: wrong.status_streams > 1)
    assert bench.connected() == {"one"}
    assert (await bench.post()).headers["x-bridge-instance"] == "one"


def made_as(uid: str) -> BridgeInstancePool:
    pool = make_pool()
    return pool.model_copy(update={"metadata": pool.metadata.model_copy(update={"uid": uid})})


async def test_a_pool_made_anew_under_its_name_is_another_pool(tmp_path: Path) -> None:
    async with running_bench(tmp_path, master="m") as bench:
        pod = await bench.pod("one", token=pool_token("m", "first"))
        bench.write_registry([made_as("first")], [pod])
        await eventually(lambda: bench.connected() == {"one"})
        old = bench.demo
        pod.token = pool_token("m", "second")

        bench.write_registry([made_as("second")], [pod])

        await eventually(lambda: bench.demo is not old and bench.connected() == {"one"})
        assert await bench.stream() == "Hello world"
        assert pod.status_streams == 2


async def test_those_who_wait_in_a_pool_are_told_that_it_was_made_anew(bench: Bench) -> None:
    bench.write_registry([made_as("first")], [])
    await eventually(lambda: bench.router.dispatcher.pools)
    asked = asyncio.create_task(bench.post())
    await eventually(lambda: len(bench.demo.waiting) == 1)

    bench.write_registry([made_as("second")], [])

    refused = await asked
    assert refused.status == 503
    assert "has been removed" in (await refused.json())["error"]["message"]
