"""What fails before the first content is tried elsewhere in silence; what fails after it is told."""

import asyncio
from pathlib import Path

import openai
import pytest

from bridge_api.errors import ErrorKind
from bridge_api.wire.instance import Cordon, SlotState, SlotStatus
from bridge_router.core.retry import MAX_REDISPATCHES
from tests.fakes.pod import Behaviour, FakePod, answer, error_event_first, no_content, refuse, reset, silence
from tests.integration.router.stage import Bench, eventually, running_bench


async def two_pods(bench: Bench, **spec: object) -> tuple[FakePod, FakePod]:
    """Serve a broken pod that is picked first, and a sound one."""
    broken, sound = await bench.pod("pod-a"), await bench.pod("pod-b")
    await bench.serve_pods(broken, sound, loadBalancing={"strategy": "RoundRobin"}, **spec)
    return broken, sound


FAILURES = {
    "reset": reset,
    "site error": refuse(ErrorKind.SITE_ERROR),
    "empty answer": refuse(ErrorKind.EMPTY_ANSWER),
    "no instance": refuse(ErrorKind.NO_INSTANCE),
    "a role and then a cut": answer(["", ""], cut=True),
    "an error event first": error_event_first,
    "an end without content": no_content,
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
async def test_a_stream_that_fails_before_content_is_tried_elsewhere(
    bench: Bench, failure: Behaviour
) -> None:
    broken, sound = await two_pods(bench)
    broken.otherwise = failure

    response = await bench.post(stream=True)
    body = await response.read()

    assert response.headers["x-bridge-instance"] == "pod-b"
    assert response.headers["x-bridge-attempts"] == "2"
    assert b'"error"' not in body
    assert (len(broken.chats), len(sound.chats)) == (1, 1)


@pytest.mark.parametrize("failure", [reset, refuse(ErrorKind.SITE_ERROR)])
async def test_a_whole_answer_is_tried_elsewhere_too(bench: Bench, failure: Behaviour) -> None:
    broken, _ = await two_pods(bench)
    broken.otherwise = failure

    response = await bench.post()

    assert (response.status, response.headers["x-bridge-attempts"]) == (200, "2")


async def test_an_instance_that_failed_the_request_is_not_picked_for_it_again(bench: Bench) -> None:
    preferred, other = await bench.pod("pod-a", slots=8), await bench.pod("pod-b", slots=2)
    preferred.otherwise = refuse(ErrorKind.SITE_ERROR)
    other.slots[0] = SlotStatus(slot=0, state=SlotState.BUSY)
    await bench.serve_pods(preferred, other, retry={"attempts": 2})

    assert await bench.stream() == "Hello world"

    assert (len(preferred.chats), len(other.chats)) == (1, 1)


async def test_after_a_broken_connection_the_status_is_asked_for_anew(bench: Bench) -> None:
    broken, _ = await two_pods(bench)
    broken.script.append(reset)

    assert await bench.stream() == "Hello world"

    await eventually(lambda: broken.status_streams == 2 and bench.connected() == {"pod-a", "pod-b"})


async def test_a_dead_instance_is_skipped_until_it_is_back(bench: Bench) -> None:
    dead, _ = await two_pods(bench)
    await dead.stop()

    assert await bench.stream() == "Hello world"
    await eventually(lambda: bench.connected() == {"pod-b"})
    await dead.start()
    await eventually(lambda: bench.connected() == {"pod-a", "pod-b"})

    assert [await bench.stream() for _ in range(2)] == ["Hello world"] * 2
    assert dead.chats


async def test_tries_end_and_the_client_gets_the_last_error_in_the_pods_words(bench: Bench) -> None:
    pod = await bench.pod()
    pod.otherwise = refuse(ErrorKind.SITE_ERROR, message="the page has crashed")
    await bench.serve_pods(pod, retry={"attempts": 2})

    with pytest.raises(openai.InternalServerError, match="the page has crashed") as failed:
        await bench.stream()

    assert (failed.value.status_code, failed.value.code) == (502, "site_error")
    assert failed.value.response.headers["x-bridge-attempts"] == "2"
    assert len(pod.chats) == 2


@pytest.mark.parametrize(
    ("kind", "raised"),
    [
        (ErrorKind.CONTENT_POLICY_VIOLATION, openai.BadRequestError),
        (ErrorKind.CONTEXT_LENGTH_EXCEEDED, openai.BadRequestError),
        (ErrorKind.SITE_RATE_LIMITED, openai.RateLimitError),
        (ErrorKind.NEEDS_HUMAN, openai.InternalServerError),
        (ErrorKind.REQUEST_TOO_LARGE, openai.APIStatusError),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
async def test_what_would_be_the_same_elsewhere_is_passed_on(
    bench: Bench, kind: ErrorKind, raised: type[openai.APIStatusError], stream: bool
) -> None:
    broken, sound = await two_pods(bench)
    broken.otherwise = refuse(kind, retry_after_seconds=7 if kind is ErrorKind.SITE_RATE_LIMITED else None)

    with pytest.raises(raised, match="scripted") as refused:
        await bench.sdk.chat.completions.create(
            model="model-a", messages=[{"role": "user", "content": "hi"}], stream=stream
        )

    assert (refused.value.status_code, refused.value.code) == (kind.status, kind.code)
    assert not sound.chats
    headers = refused.value.response.headers
    assert headers.get("retry-after") == ("7" if kind is ErrorKind.SITE_RATE_LIMITED else None)
    assert headers.get("x-should-retry") == ("false" if kind is ErrorKind.NEEDS_HUMAN else None)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_site_error_that_the_pod_calls_final_is_passed_on(bench: Bench, stream: bool) -> None:
    broken, sound = await two_pods(bench)
    broken.otherwise = refuse(ErrorKind.SITE_ERROR, final=True)

    response = await bench.post(stream=stream)

    assert (response.status, response.headers["x-should-retry"]) == (502, "false")
    assert response.headers["x-bridge-attempts"] == "1"
    assert not sound.chats


async def test_silence_is_retried_once(tmp_path: Path) -> None:
    async with running_bench(tmp_path, deadline_margin_seconds=0.05) as bench:
        pods = await two_pods(bench, timeouts={"firstTokenSeconds": 1})
        for pod in pods:
            pod.otherwise = silence
            pod.shows_leases = False

        with pytest.raises(openai.InternalServerError) as failed:
            await bench.stream()

        assert (failed.value.status_code, failed.value.code) == (504, "first_token_timeout")
        assert [len(pod.chats) for pod in pods] == [1, 1]
        assert all(pod.chats[0].gone.is_set() for pod in pods)


async def test_a_pod_that_says_it_works_on_it_may_take_longer_than_the_first_token(tmp_path: Path) -> None:
    """Only the pod sees the site's heartbeats, and they count as life."""
    async with running_bench(tmp_path, deadline_margin_seconds=0.05) as bench:
        hold = asyncio.Event()
        pod = await bench.pod()
        pod.otherwise = answer(["late"], hold=hold)
        await bench.serve_pods(pod, timeouts={"firstTokenSeconds": 1})
        asyncio.get_running_loop().call_later(1.5, hold.set)

        assert await bench.stream() == "late"
        assert len(pod.chats) == 1


async def test_an_answer_that_stands_still_with_its_pod_ends_with_an_error_event(tmp_path: Path) -> None:
    async with running_bench(tmp_path, deadline_margin_seconds=0.05, stale_seconds=0.5) as bench:
        pod = await bench.pod()
        pod.otherwise = answer(["Hel", "lo"], hold=asyncio.Event())
        await bench.serve_pods(pod, timeouts={"idleSeconds": 1})
        response = await bench.post(stream=True)
        await (await pod.chat()).first_content.wait()

        pod.hangs = True

        body = await asyncio.wait_for(response.read(), 5)
        assert b"Hel" in body
        assert b'"code":"idle_timeout"' in body
        assert b"[DONE]" not in body
        await asyncio.wait_for(pod.chats[0].gone.wait(), 5)


async def test_an_answer_that_stands_still_goes_on_while_its_pod_works_on_it(tmp_path: Path) -> None:
    async with running_bench(tmp_path, deadline_margin_seconds=0.05) as bench:
        hold = asyncio.Event()
        pod = await bench.pod()
        pod.otherwise = answer(["Hel", "lo"], hold=hold)
        await bench.serve_pods(pod, timeouts={"idleSeconds": 1})
        asyncio.get_running_loop().call_later(2.5, hold.set)

        assert await bench.stream() == "Hello"


@pytest.mark.parametrize("refusal", [ErrorKind.SLOTS_FULL, ErrorKind.CORDONED, ErrorKind.DRAINING])
async def test_a_refusal_waits_for_the_next_slot_and_counts_as_no_try(
    bench: Bench, refusal: ErrorKind
) -> None:
    pod = await bench.pod()
    pod.script.append(refuse(refusal))
    await bench.serve_pods(pod, retry={"attempts": 1})

    response = await bench.post(stream=True)

    assert (response.status, response.headers["x-bridge-attempts"]) == (200, "1")
    assert len(pod.chats) == 2


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (ErrorKind.SLOTS_FULL, ErrorKind.QUEUE_FULL),
        (ErrorKind.CORDONED, ErrorKind.NO_INSTANCE),
        (ErrorKind.DRAINING, ErrorKind.DRAINING),
    ],
)
async def test_after_many_refusals_the_client_is_told_in_its_own_words(
    bench: Bench, refusal: ErrorKind, told: ErrorKind
) -> None:
    pod = await bench.pod()
    pod.otherwise = refuse(refusal, retry_after_seconds=3)
    await bench.serve_pods(pod)

    response = await bench.post()

    assert (response.status, (await response.json())["error"]["code"]) == (told.status, told.code)
    assert int(response.headers["retry-after"]) >= 1
    assert len(pod.chats) == MAX_REDISPATCHES + 1


async def test_a_cordoned_instance_gets_no_new_chat(bench: Bench) -> None:
    first, second = await two_pods(bench)
    first.cordons = [Cordon(owner="test", ttl_seconds=60)]
    first.change()
    await eventually(lambda: not bench.demo.endpoints["pod-a"].accepting)

    for _ in range(3):
        await bench.stream()

    assert (len(first.chats), len(second.chats)) == (0, 3)


async def test_a_cut_after_content_is_an_error_event(bench: Bench) -> None:
    broken, sound = await two_pods(bench)
    broken.otherwise = answer(["Hel", "lo"], cut=True)

    words: list[str] = []
    with pytest.raises(openai.APIError, match="cut") as failed:
        await read_into(words, bench)

    assert words == ["", "Hel", "lo"]
    assert failed.value.code == "site_error"
    assert not sound.chats


async def test_a_cut_after_content_leaves_no_done_and_no_half_event(bench: Bench) -> None:
    pod = await bench.pod()
    pod.otherwise = answer(["Hel", "lo"], cut=True)
    await bench.serve_pods(pod)

    body = await (await bench.post(stream=True)).read()

    events = body.decode().removesuffix("\n\n").split("\n\n")
    assert events[-1].startswith('data: {"error"')
    assert "[DONE]" not in body.decode()
    assert all(event.startswith("data: {") and event.endswith("}") for event in events)


async def test_a_cut_after_content_does_not_make_an_instance_skipped(bench: Bench) -> None:
    pod = await bench.pod()
    pod.script.append(answer(["Hel", "lo"], cut=True))
    await bench.serve_pods(pod)

    await (await bench.post(stream=True)).read()

    assert bench.demo.endpoints["pod-a"].connected
    assert await bench.stream() == "Hello world"
    assert pod.status_streams == 1


async def test_a_killed_instance_ends_a_begun_answer_with_an_error_event(bench: Bench) -> None:
    pod = await bench.pod()
    pod.otherwise = answer(["Hel", "lo"], hold=asyncio.Event())
    await bench.serve_pods(pod)
    words: list[str] = []
    reading = asyncio.create_task(read_into(words, bench))
    await eventually(lambda: "Hel" in words)

    await pod.stop()

    with pytest.raises(openai.APIError, match="cut"):
        await reading


async def test_an_answer_that_ends_without_done_is_an_error(bench: Bench) -> None:
    pod = await bench.pod()
    pod.otherwise = answer(["Hel", "lo"], done=False)
    await bench.serve_pods(pod)

    with pytest.raises(openai.APIError, match=r"\[DONE\]"):
        await bench.stream()


async def test_the_pods_own_error_event_is_not_told_twice(bench: Bench) -> None:
    pod = await bench.pod()
    pod.otherwise = answer(["Hel", "lo"], error=ErrorKind.IDLE_TIMEOUT)
    await bench.serve_pods(pod)

    body = await (await bench.post(stream=True)).read()

    assert body.count(b'"error"') == 1
    assert b"idle_timeout" in body


async def read_into(words: list[str], bench: Bench) -> None:
    stream = await bench.sdk.chat.completions.create(
        model="model-a", messages=[{"role": "user", "content": "hi"}], stream=True
    )
    async for chunk in stream:
        words += [chunk.choices[0].delta.content or ""]
