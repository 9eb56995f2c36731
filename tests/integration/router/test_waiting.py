"""Requests wait for a slot in order, with deadlines, and not where waiting makes no sense."""

import asyncio

import openai
import pytest

from bridge_api.errors import ErrorKind
from bridge_api.wire.instance import SlotState
from tests.fakes.pod import answer, refuse
from tests.integration.router.stage import Bench, eventually, make_pool


async def test_a_second_request_waits_for_the_only_slot(bench: Bench) -> None:
    hold = asyncio.Event()
    pod = await bench.pod()
    pod.otherwise = answer(hold=hold)
    await bench.serve_pods(pod)
    asked = [asyncio.create_task(bench.stream()) for _ in range(3)]
    await eventually(lambda: len(bench.demo.waiting) == 2)

    hold.set()

    assert await asyncio.gather(*asked) == ["Hello world"] * 3
    assert pod.refusals == []


@pytest.mark.parametrize("delay", [0.0, 0.03])
async def test_a_lone_router_never_sees_a_full_pod(bench: Bench, delay: float) -> None:
    pods = [await bench.pod("pod-a", slots=2), await bench.pod("pod-b", slots=3)]
    for pod in pods:
        pod.status_line_delay = delay
    await bench.serve_pods(*pods)

    async def ask(number: int) -> None:
        """Ask, and leave early every fifth time."""
        asking = asyncio.create_task(bench.stream())
        done, _ = await asyncio.wait({asking}, timeout=0.001 * number if number % 5 == 0 else None)
        asking.cancel()
        assert not done or await asking == "Hello world"

    await asyncio.gather(*(ask(number) for number in range(60)))

    assert [pod.refusals for pod in pods] == [[], []]
    await eventually(lambda: bench.demo.free_slots == 5)


async def test_a_request_waits_while_there_is_no_instance_at_all(bench: Bench) -> None:
    pod = await bench.pod()
    bench.write_registry([make_pool()], [])
    await eventually(lambda: bench.router.dispatcher.pools)
    asked = asyncio.create_task(bench.stream())
    await eventually(lambda: len(bench.demo.waiting) == 1)

    await bench.serve_pods(pod)

    assert await asked == "Hello world"


async def test_a_cold_start_that_takes_too_long_is_no_instance(bench: Bench) -> None:
    bench.write_registry([make_pool(queue={"coldStartTimeoutSeconds": 1})], [])
    await eventually(lambda: bench.router.dispatcher.pools)

    with pytest.raises(openai.InternalServerError) as failed:
        await bench.stream()

    assert (failed.value.status_code, failed.value.code) == (503, "no_instance")
    assert failed.value.response.headers["retry-after"]
    assert float(failed.value.response.headers["x-bridge-queue-seconds"]) >= 1


async def test_a_wait_for_a_slot_that_takes_too_long_is_a_queue_timeout(bench: Bench) -> None:
    pod = await bench.pod()
    pod.otherwise = answer(hold=asyncio.Event())
    await bench.serve_pods(pod, queue={"timeoutSeconds": 1})
    holding = asyncio.create_task(bench.stream())
    await pod.chat()

    with pytest.raises(openai.InternalServerError) as failed:
        await bench.stream()

    assert (failed.value.status_code, failed.value.code) == (504, "queue_timeout")
    assert failed.value.response.headers["x-bridge-attempts"] == "0"
    assert float(failed.value.response.headers["x-bridge-queue-seconds"]) >= 1
    holding.cancel()


async def test_a_full_queue_turns_away_with_a_time_to_come_again(bench: Bench) -> None:
    pod = await bench.pod()
    pod.otherwise = answer(hold=asyncio.Event())
    await bench.serve_pods(pod, queue={"maxPending": 1})
    holding = [asyncio.create_task(bench.stream()) for _ in range(2)]
    await eventually(lambda: len(bench.demo.waiting) == 1)

    with pytest.raises(openai.RateLimitError) as refused:
        await bench.stream()

    assert refused.value.code == "queue_full"
    assert int(refused.value.response.headers["retry-after"]) >= 1
    assert refused.value.response.headers["x-bridge-attempts"] == "0"
    assert refused.value.response.headers["x-bridge-queue-seconds"] == "0.000"
    for task in holding:
        task.cancel()


async def test_a_long_wait_for_a_stream_shows_pings_and_then_the_answer(bench: Bench) -> None:
    hold = asyncio.Event()
    pod = await bench.pod()
    pod.script.append(answer(hold=hold))
    await bench.serve_pods(pod, queue={"keepAliveSeconds": 1})
    first = asyncio.create_task(bench.stream())
    await pod.chat()

    response = await bench.post(stream=True)
    assert await response.content.readuntil(b"\n\n") == b": ping\n\n"
    hold.set()
    body = await response.read()

    assert response.status == 200
    assert body.endswith(b"data: [DONE]\n\n")
    assert await first == "Hello world"


async def test_a_failure_after_a_ping_is_an_error_event(bench: Bench) -> None:
    hold = asyncio.Event()
    pod = await bench.pod()
    pod.script.append(answer(hold=hold))
    pod.script.append(refuse(ErrorKind.CONTENT_POLICY_VIOLATION))
    await bench.serve_pods(pod, queue={"keepAliveSeconds": 1})
    first = asyncio.create_task(bench.stream())
    await pod.chat()

    response = await bench.post(stream=True)
    await response.content.readuntil(b"\n\n")
    hold.set()
    body = await response.read()

    assert body.startswith(b'data: {"error"')
    assert b"content_policy_violation" in body
    assert b"[DONE]" not in body
    await first


async def test_a_timeout_after_a_ping_is_an_error_the_sdk_sees(bench: Bench) -> None:
    pod = await bench.pod()
    pod.otherwise = answer(hold=asyncio.Event())
    await bench.serve_pods(pod, queue={"keepAliveSeconds": 1, "timeoutSeconds": 2})
    holding = asyncio.create_task(bench.stream())
    await pod.chat()

    with pytest.raises(openai.APIError) as failed:
        await bench.stream()

    assert failed.value.code == "queue_timeout"
    holding.cancel()


async def test_where_every_slot_needs_a_person_nobody_waits(bench: Bench) -> None:
    pod = await bench.pod()
    pod.set_state(SlotState.NEEDS_HUMAN, message="a challenge")
    await bench.serve_pods(pod)

    with pytest.raises(openai.InternalServerError, match="a challenge") as refused:
        await bench.stream()

    assert (refused.value.status_code, refused.value.code) == (503, "needs_human")
    assert refused.value.response.headers["x-should-retry"] == "false"
    pod.set_state(SlotState.READY)
    await eventually(lambda: bench.demo.free_slots)
    assert await bench.stream() == "Hello world"


async def test_those_who_wait_already_are_told_that_a_person_is_needed(bench: Bench) -> None:
    pod = await bench.pod()
    pod.set_state(SlotState.STARTING)
    await bench.serve_pods(pod)
    waiting = asyncio.create_task(bench.stream())
    await eventually(lambda: len(bench.demo.waiting) == 1)

    pod.set_state(SlotState.NEEDS_HUMAN)

    with pytest.raises(openai.InternalServerError) as refused:
        await waiting
    assert refused.value.code == "needs_human"


async def test_where_every_slot_is_limited_the_client_is_told_for_how_long(bench: Bench) -> None:
    pod = await bench.pod()
    pod.set_state(SlotState.RATE_LIMITED, remaining_seconds=42)
    await bench.serve_pods(pod)

    with pytest.raises(openai.RateLimitError) as refused:
        await bench.stream()

    assert refused.value.code == "site_rate_limited"
    assert 40 <= int(refused.value.response.headers["retry-after"]) <= 42


async def test_a_pool_that_never_had_a_list_lets_requests_wait_for_it(bench: Bench) -> None:
    pod = await bench.pod(models=())
    await bench.serve_pods(pod)
    known = asyncio.create_task(bench.stream())
    unknown = asyncio.create_task(bench.post(model="nobody's"))
    await eventually(lambda: len(bench.demo.waiting) == 2)

    pod.models = (await bench.pod("other")).models
    pod.change()

    assert await known == "Hello world"
    assert (await unknown).status == 404
