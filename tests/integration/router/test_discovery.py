"""The registry file is followed, and so are the instances in it."""

from tests.integration.router.stage import Bench, eventually, make_pool


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
