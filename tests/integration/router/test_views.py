"""What the router tells the operator, `bridge get` and Prometheus."""

import asyncio
import time

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import generate_latest

from bridge_api.sse import DONE
from bridge_api.wire.admin import InstanceList, PoolList
from bridge_api.wire.instance import SlotState
from bridge_api.wire.load import LoadReport
from tests.fakes.pod import Chat, answer
from tests.integration.router.stage import Bench, eventually, make_pool


async def next_report(response: aiohttp.ClientResponse) -> LoadReport:
    return LoadReport.model_validate_json(await response.content.readline())


async def test_the_load_feed_follows_what_happens(bench: Bench) -> None:
    hold = asyncio.Event()
    pod = await bench.pod()
    pod.otherwise = answer(hold=hold)
    await bench.serve_pods(pod)
    feed = await bench.http.get("/load/stream")
    (idle,) = (await next_report(feed)).pools
    assert (idle.slots, idle.busy, idle.pending, idle.in_flight) == (1, 0, 0, 0)

    asked = [asyncio.create_task(bench.stream()) for _ in range(3)]
    busy = idle
    async with asyncio.timeout(5):
        while (busy.busy, busy.pending, busy.in_flight) != (1, 2, 1):
            (busy,) = (await next_report(feed)).pools
    hold.set()
    await asyncio.gather(*asked)
    async with asyncio.timeout(5):
        while busy.pending or busy.in_flight:
            (busy,) = (await next_report(feed)).pools

    assert busy.first_token_p90_seconds is not None
    feed.close()


async def test_the_load_feed_has_a_line_each_second_even_where_nothing_happens(bench: Bench) -> None:
    bench.write_registry([make_pool()], [])
    await eventually(lambda: bench.router.dispatcher.pools)
    feed = await bench.http.get("/load/stream")
    first = await next_report(feed)
    began = time.monotonic()

    second = await next_report(feed)

    assert 0.05 < time.monotonic() - began < 1.5
    assert (second.sequence, second.boot) == (first.sequence + 1, first.boot)
    feed.close()


async def test_a_burst_of_changes_shares_a_line(bench: Bench) -> None:
    pod = await bench.pod()
    await bench.serve_pods(pod)
    feed = await bench.http.get("/load/stream")
    await next_report(feed)
    began = time.monotonic()

    for _ in range(20):
        await bench.stream()
    took = time.monotonic() - began
    last = (await next_report(feed)).sequence

    assert last <= 2 + took / 0.1
    feed.close()


async def test_pools_and_instances_are_shown(bench: Bench) -> None:
    pod = await bench.pod(slots=2)
    pod.set_state(SlotState.NEEDS_HUMAN, reason="Challenge", message="a challenge")
    await bench.serve_pods(pod)

    pools = PoolList.model_validate_json(await (await bench.http.get("/api/v1/pools")).read())
    instances = InstanceList.model_validate_json(await (await bench.http.get("/api/v1/instances")).read())

    (pool,), (instance,) = pools.pools, instances.instances
    assert (pool.name, pool.instances, pool.ready_instances, pool.models) == ("demo", 1, 0, ["model-a"])
    assert (instance.instance, instance.connected, instance.ready) == ("pod-a", True, False)
    assert [slot.message for slot in instance.slots] == ["a challenge"] * 2
    assert instance.metrics_url == "http://127.0.0.1:1"


async def test_an_instance_that_does_not_answer_is_shown_as_not_connected(bench: Bench) -> None:
    pod = await bench.pod()
    await pod.stop()
    bench.write_registry([make_pool()], [pod])
    await eventually(lambda: bench.router.dispatcher.pools)

    shown = InstanceList.model_validate_json(await (await bench.http.get("/api/v1/instances")).read())

    assert [(each.instance, each.connected) for each in shown.instances] == [("pod-a", False)]


@pytest.mark.parametrize(("leaves", "counted"), [(False, 1), (True, 0)])
async def test_an_instance_that_has_said_it_leaves_is_not_counted_as_lost(
    bench: Bench, *, leaves: bool, counted: int
) -> None:
    pod = await bench.pod()
    await bench.serve_pods(pod)
    endpoint = bench.demo.endpoints["pod-a"]
    pod.draining = leaves
    pod.change()
    await eventually(lambda: endpoint.status is not None and endpoint.status.draining is leaves)

    await pod.stop()
    await eventually(lambda: not endpoint.connected)

    exposed = generate_latest(bench.router.metrics.registry).decode()
    assert exposed.count("bridge_router_ejections_total{") == counted


async def test_whole_answers_say_nothing_of_the_time_to_the_first_token(bench: Bench) -> None:
    await bench.serve_pods(await bench.pod())

    assert (await bench.post()).ok
    now = bench.router.dispatcher.clock()
    assert bench.demo.load(now).first_token_p90_seconds is None
    await bench.stream()
    assert bench.demo.load(bench.router.dispatcher.clock()).first_token_p90_seconds is not None


async def test_a_client_that_leaves_after_the_last_event_has_been_answered(bench: Bench) -> None:
    async def answer_and_stay(chat: Chat) -> web.StreamResponse:
        stream = await chat.open_stream()
        await stream.write(b'data: {"choices":[{"index":0,"delta":{"content":"All"}}]}\n\n' + DONE)
        await chat.gone.wait()
        return stream

    pod = await bench.pod()
    pod.otherwise = answer_and_stay
    await bench.serve_pods(pod)

    response = await bench.post(stream=True)
    async with asyncio.timeout(5):
        while b"[DONE]" not in await response.content.readline():
            pass
    response.close()

    def is_counted() -> bool:
        return (
            'bridge_router_requests_total{code="ok"'
            in generate_latest(bench.router.metrics.registry).decode()
        )

    await eventually(is_counted)


async def test_metrics_have_their_names_and_no_label_from_a_request(bench: Bench) -> None:
    await bench.serve_pods(await bench.pod())
    await bench.stream()
    await bench.post(model="free-value")

    exposed = generate_latest(bench.router.metrics.registry).decode()

    assert (
        'bridge_router_requests_total{code="ok",model="model-a",namespace="default",pool="demo"} 1.0'
        in exposed
    )
    assert 'model="other"' in exposed
    assert "free-value" not in exposed
    assert 'bridge_router_slots{namespace="default",pool="demo",state="Ready"}' in exposed
    for name in (
        "request_seconds_count",
        "queue_seconds_count",
        "first_token_seconds_count",
        "in_flight",
        "pending",
        "attempts_total",
        "ejections_total",
    ):
        assert f"bridge_router_{name}" in exposed
