"""Each failure on demand does what it says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from tests.integration.demo_site.visitor import Visitor


@asynccontextmanager
async def open_answer(visitor: Visitor, content: str = "Hello") -> AsyncIterator[aiohttp.ClientResponse]:
    path = "/nextjs-api/stream/create-evaluation"
    async with visitor.http.post(path, json=visitor.body(content)) as response:
        yield response


async def read_for(response: aiohttp.ClientResponse, seconds: float) -> bytes:
    """Read what comes within a time of an answer that does not end."""
    received = bytearray()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(read_into(received, response), seconds)
    return bytes(received)


async def read_into(received: bytearray, response: aiohttp.ClientResponse) -> None:
    async for data in response.content.iter_any():
        received += data


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("challengePage", 403),
        ("recaptcha", 403),
        ("loginGate", 401),
        ("badRequest", 400),
        ("tooLarge", 413),
        ("contentRefused", 422),
        ("rateLimited", 429),
        ("moved", 301),
        ("serverError", 500),
    ],
)
async def test_a_chat_is_refused_once_and_then_answered(visitor: Visitor, fault: str, status: int):
    await visitor.fail(fault, times=1)

    refused, answered = await visitor.create("Hello"), await visitor.create("Hello")

    assert refused.status == status
    assert "Retry-After" not in refused.headers
    assert (answered.status, answered.records[-1][1]) == (200, "d")


async def test_a_failure_lasts_until_it_is_lifted(visitor: Visitor):
    await visitor.fail("serverError")
    assert [(await visitor.create("Hello")).status for _ in range(3)] == [500] * 3

    await visitor.lift()

    assert (await visitor.create("Hello")).status == 200


async def test_a_marker_fails_only_its_own_message(visitor: Visitor):
    refused = await visitor.create("[[demo fault=rateLimited retry_after=7]] Hello")

    assert (refused.status, refused.headers["Retry-After"]) == (429, "7")
    assert (await visitor.create("Hello")).status == 200


async def test_a_limit_says_when_to_come_back(visitor: Visitor):
    await visitor.fail("rateLimited", retryAfterSeconds=3)

    assert (await visitor.create("Hello")).headers["Retry-After"] == "3"


async def test_an_empty_body_is_a_success_without_content(visitor: Visitor):
    answer = await visitor.create("[[demo fault=emptyBody]] Hello")

    assert (answer.status, answer.body) == (200, b"")


async def test_a_challenge_can_come_with_status_200(visitor: Visitor):
    answer = await visitor.create("[[demo fault=challengeInStream]] Hello")

    assert answer.status == 200
    assert b"<title>Just a moment...</title>" in answer.body
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("fault", "last"),
    [
        ("heartbeatsOnly", ("a", "2", [{"type": "heartbeat"}])),
        ("arenaError", ("a", "d", {"finishReason": "error"})),
        ("errorFrame", ("a", "3", "An error occurred")),
    ],
)
async def test_a_stream_can_end_in_failure(visitor: Visitor, fault: str, last: object):
    answer = await visitor.create(f"[[demo fault={fault}]] Hello")

    assert answer.status == 200
    assert answer.records[-1] == last


async def test_silence_sends_a_head_and_nothing_more(visitor: Visitor):
    async with open_answer(visitor, "[[demo fault=silence]] Hello") as response:
        assert response.status == 200
        assert await read_for(response, 0.3) == b""

    await visitor.noted("disconnect")


async def test_a_stall_goes_silent_after_so_many_texts_even_if_stopped(visitor: Visitor):
    async with open_answer(visitor, "[[demo fault=stall after=3]] Hello") as response:
        received = await read_for(response, 0.5)
        assert received.count(b"a0:") == 3
        assert received.endswith(b"\n")

    await visitor.noted("disconnect")


async def test_a_stop_does_not_end_a_stall(visitor: Visitor):
    async with open_answer(visitor, "[[demo fault=stall after=1]] Hello") as response:
        await visitor.stop()

        assert b'"finishReason"' not in await read_for(response, 0.5)


async def test_a_cut_drops_the_connection_within_a_record(visitor: Visitor):
    received = bytearray()
    async with open_answer(visitor, "[[demo fault=cut after=3]] Hello") as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await read_into(received, response)

    assert received.count(b"a0:") == 4
    assert not received.endswith(b"\n")


async def test_a_text_can_end_without_a_finish(visitor: Visitor):
    answer = await visitor.create("[[demo fault=noFinish]] Hello")

    assert answer.text().startswith("You said")
    assert "d" not in {code for _, code, _ in answer.records}


async def test_a_challenge_covers_pages_until_a_person_has_passed_it(visitor: Visitor):
    await visitor.fail("challengePage")
    page = await visitor.call("GET", "/text/direct")
    assert page.status == 403
    assert b"window._cf_chl_opt" in page.body

    passed = await visitor.call("POST", "/_demo/human")

    assert passed.status == 303
    assert (await visitor.call("GET", "/text/direct")).status == 200
    assert (await visitor.create("Hello")).status == 200


async def test_a_slow_page_takes_its_time(visitor: Visitor):
    await visitor.fail("slowPage", times=1, delaySeconds=0.3)
    loop = asyncio.get_running_loop()

    began = loop.time()
    await visitor.call("GET", "/text/direct")
    slow = loop.time() - began

    assert slow >= 0.3


async def test_a_mistake_in_an_order_is_explained(visitor: Visitor):
    answer = await visitor.call("PUT", "/_demo/faults", {"fault": "earthquake"})

    assert answer.status == 400
    assert "challengePage" in answer.error
