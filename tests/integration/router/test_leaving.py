"""A client that leaves is noticed at once, wherever its request is."""

import asyncio

import pytest

from bridge_api.wire.instance import SlotState
from tests.fakes.pod import answer, silence
from tests.integration.router.stage import Bench, eventually

GENEROUS_SECONDS = 10.0
"""Milliseconds are usual, but a busy test machine may take its time; only what never comes is wrong: no chat here ends by itself."""


@pytest.mark.parametrize("stream", [True, False])
async def test_leaving_before_the_answer_reaches_the_pod(bench: Bench, stream: bool) -> None:
    pod = await bench.pod()
    pod.otherwise = silence
    await bench.serve_pods(pod)
    asked = asyncio.create_task(bench.post(stream=stream))
    chat = await pod.chat()

    asked.cancel()

    await asyncio.wait_for(chat.gone.wait(), GENEROUS_SECONDS)


async def test_leaving_in_the_middle_of_a_stream_reaches_the_pod(bench: Bench) -> None:
    pod = await bench.pod()
    pod.otherwise = answer(["Hel", "lo"], hold=asyncio.Event())
    await bench.serve_pods(pod)
    stream = await bench.sdk.chat.completions.create(
        model="model-a", messages=[{"role": "user", "content": "hi"}], stream=True
    )
    async for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    chat = await pod.chat()

    await stream.close()

    await asyncio.wait_for(chat.gone.wait(), GENEROUS_SECONDS)
    await eventually(lambda: bench.demo.free_slots == 1)
    pod.otherwise = answer()
    assert await bench.stream() == "Hello world"


async def test_leaving_the_queue_makes_room_at_once(bench: Bench) -> None:
    pod = await bench.pod()
    pod.otherwise = answer(hold=asyncio.Event())
    await bench.serve_pods(pod)
    holding = asyncio.create_task(bench.stream())
    await pod.chat()
    waiting = asyncio.create_task(bench.stream())
    await eventually(lambda: len(bench.demo.waiting) == 1)

    waiting.cancel()

    await eventually(lambda: len(bench.demo.waiting) == 0, GENEROUS_SECONDS)
    holding.cancel()
    await eventually(lambda: bench.demo.in_flight == 0, GENEROUS_SECONDS)
    assert len(pod.chats) == 1


async def test_leaving_after_pings_makes_room_too(bench: Bench) -> None:
    pod = await bench.pod()
    pod.set_state(SlotState.STARTING)
    await bench.serve_pods(pod, queue={"keepAliveSeconds": 1})
    response = await bench.post(stream=True)
    await response.content.readuntil(b"\n\n")
    assert len(bench.demo.waiting) == 1

    response.close()

    await eventually(lambda: len(bench.demo.waiting) == 0, GENEROUS_SECONDS)
