"""Answers pass through the router as the pod gives them."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import openai
import pytest

from bridge_api.sse import EventSplitter
from tests.fakes.pod import answer
from tests.integration.router.stage import Bench, eventually, make_pool, running_bench


async def test_a_stream_arrives_word_by_word(bench: Bench) -> None:
    hold = asyncio.Event()
    pod = await bench.pod()
    pod.script.append(answer(["Hello", " world"], hold=hold))
    await bench.serve_pods(pod)

    stream = await bench.sdk.chat.completions.create(
        model="model-a", messages=[{"role": "user", "content": "hi"}], stream=True
    )
    words = []
    async for chunk in stream:
        words.append(chunk.choices[0].delta.content)
        if words[-1] == "Hello":
            hold.set()

    assert words == ["", "Hello", " world", None]


async def test_a_whole_answer_arrives_whole(bench: Bench) -> None:
    pod = await bench.pod()
    await bench.serve_pods(pod)

    completion = await bench.sdk.chat.completions.create(
        model="model-a", messages=[{"role": "user", "content": "hi"}]
    )

    assert completion.choices[0].message.content == "Hello world"


async def test_the_bytes_of_a_stream_are_the_pods_own(bench: Bench) -> None:
    pod = await bench.pod()
    await bench.serve_pods(pod)

    response = await bench.post(stream=True)
    events = list(EventSplitter().feed(await response.read()))

    assert json.loads(events[0][6:])["id"] == "chatcmpl-fake"
    assert events[-1] == b"data: [DONE]\n\n"
    assert len(events) == 5


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_says_where_it_comes_from(bench: Bench, stream: bool) -> None:
    pod = await bench.pod()
    pod.script.append(answer(ignored="temperature"))
    await bench.serve_pods(pod)

    response = await bench.post(stream=stream)

    assert response.headers["x-bridge-instance"] == "pod-a"
    assert response.headers["x-bridge-attempts"] == "1"
    assert float(response.headers["x-bridge-queue-seconds"]) < 1
    assert response.headers["x-bridge-affinity"] == "none"
    assert response.headers["x-bridge-ignored"] == "temperature"
    assert response.headers["x-bridge-slots"].startswith("version=")
    assert response.headers.get("X-Accel-Buffering") == ("no" if stream else None)


async def test_a_pod_gets_the_request_but_no_header_of_the_clients(bench: Bench) -> None:
    pod = await bench.pod()
    await bench.serve_pods(pod)
    body = b'{"model": "model-a",  "messages": [{"role":"user","content":"hi"}], "own": 1}'

    await bench.http.post(
        "/v1/chat/completions",
        data=body,
        headers={
            "Authorization": "Bearer secret",
            "Cookie": "session=secret",
            "traceparent": "00-ab-cd-01",
            "x-request-id": "mine-1",
            "content-type": "application/json",
        },
    )

    sent = pod.chats[0].request.headers
    assert pod.chats[0].body["own"] == 1
    assert "secret" not in str(sent)
    assert (sent["traceparent"], sent["x-request-id"]) == ("00-ab-cd-01", "mine-1")


async def test_pods_get_the_token_of_their_pool(tmp_path: Path) -> None:
    pool = make_pool()
    async with running_bench(tmp_path, master="master") as bench:
        await bench.serve_pods()
        token = bench.router.tokens.of(bench.demo)
        pod = await bench.pod(token=token)
        bench.write_registry([pool], [pod])
        await eventually(lambda: bench.connected() == {"pod-a"})

        assert await bench.stream() == "Hello world"


@pytest.mark.parametrize(("given", "kept"), [("my-id.7", True), ("x" * 129, False), (None, False)])
@pytest.mark.parametrize("path", ["/v1/models", "/v1/nothing", "/nothing"])
async def test_every_response_has_a_request_id(
    bench: Bench, given: str | None, kept: bool, path: str
) -> None:
    response = await bench.http.get(path, headers={"x-request-id": given} if given else {})

    assert (response.headers["x-request-id"] == given) is kept
    assert response.headers["x-request-id"]


async def test_the_models_of_all_pools_are_listed_once(bench: Bench) -> None:
    one = await bench.pod("one", models=["model-a", "model-b"])
    two = await bench.pod("two", models=["model-b", "org/model-c"], pool="default/second")
    bench.write_registry(
        [make_pool(models={"aliases": {"nick": "model-a"}}), make_pool("second")], [one, two]
    )
    await eventually(lambda: len(bench.connected()) == 2)

    models = (await bench.sdk.models.list()).data

    assert [model.id for model in models] == ["model-a", "model-b", "nick", "org/model-c"]
    assert {model.owned_by for model in models} == {"acme"}
    assert (await bench.sdk.models.retrieve("second/org/model-c")).owned_by == "acme"
    with pytest.raises(openai.NotFoundError):
        await bench.sdk.models.retrieve("demo/org/model-c")


async def test_pool_slash_model_names_the_pool(bench: Bench) -> None:
    one = await bench.pod("one")
    two = await bench.pod("two", pool="default/second")
    bench.write_registry([make_pool(), make_pool("second")], [one, two])
    await eventually(lambda: len(bench.connected()) == 2)

    for _ in range(3):
        response = await bench.post(model="second/model-a")
        assert response.headers["x-bridge-instance"] == "two"


async def test_an_unknown_model_is_not_found(bench: Bench) -> None:
    await bench.serve_pods(await bench.pod())

    with pytest.raises(openai.NotFoundError, match="bridge models") as refused:
        await bench.sdk.chat.completions.create(
            model="nobody's", messages=[{"role": "user", "content": "hi"}]
        )

    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/completions", 404, "not_found"),
        ("POST", "/v1/embeddings", 404, "not_found"),
        ("GET", "/v1/chat/completions", 405, "method_not_allowed"),
        ("DELETE", "/v1/models", 405, "method_not_allowed"),
    ],
)
async def test_what_is_not_there_says_what_is(
    bench: Bench, method: str, path: str, status: int, code: str
) -> None:
    response = await bench.http.request(method, path)
    error = (await response.json())["error"]

    assert (response.status, error["code"], error["type"]) == (status, code, "invalid_request_error")
    assert status == 405 or "POST /v1/chat/completions" in error["message"]


async def test_a_body_that_is_no_json_is_refused(bench: Bench) -> None:
    response = await bench.http.post("/v1/chat/completions", data=b"{")

    assert response.status == 400
    assert (await response.json())["error"]["type"] == "invalid_request_error"


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    async with running_bench(tmp_path, max_body_bytes=2048) as bench:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(bench.url.rsplit(":", 1)[1]))
        writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4096\r\n\r\n")

        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()

        assert head.startswith(b"HTTP/1.1 413")


async def test_a_chunked_body_that_is_too_large_is_refused(tmp_path: Path) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(8):
            yield b"x" * 1024

    async with running_bench(tmp_path, max_body_bytes=2048) as bench:
        response = await bench.http.post("/v1/chat/completions", data=pieces())

        assert (await response.json())["error"]["code"] == "request_too_large"


async def test_a_slow_reader_slows_the_pod_down_and_nothing_piles_up(bench: Bench) -> None:
    words = ["x" * 100_000] * 400
    pod = await bench.pod()
    pod.script.append(answer(words))
    await bench.serve_pods(pod)

    response = await bench.post(stream=True)
    chat = await pod.chat()
    await chat.first_content.wait()
    first = await response.content.readexactly(1000)
    for _ in range(50):
        await asyncio.sleep(0)
    assert not chat.over.is_set()

    rest = await response.read()

    assert len(first) + len(rest) > 40_000_000
    assert rest.endswith(b"data: [DONE]\n\n")
