"""The main job through every part: SDK, router, pod, Chromium, page, and back."""

import asyncio
from typing import Any

import openai
import pytest
import pytest_asyncio

from tests.integration.system.conftest import System
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SLOW = "[[demo tokens=200 pace_ms=25]] "


@pytest_asyncio.fixture(loop_scope="module")
async def system(shared_system: System) -> System:
    """The shared system, idle and with an empty journal."""
    await shared_system.site.lift()
    await eventually(shared_system.idle, within_seconds=30, what="an idle system")
    await shared_system.site.forget()
    return shared_system


async def first_model(system: System) -> str:
    return (await system.client().models.list()).data[0].id


async def ask(system: System, text: str, **options: Any) -> str:
    answer = await system.client().chat.completions.create(
        model=await first_model(system), messages=[{"role": "user", "content": text}], **options
    )
    return answer.choices[0].message.content or ""


async def test_an_answer_streams_from_the_page_to_the_sdk(system: System) -> None:
    stream = await system.client().chat.completions.create(
        model=await first_model(system),
        messages=[{"role": "user", "content": "How are you?"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    pieces = [chunk async for chunk in stream]

    text = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
    assert text.startswith('You said: "How are you?". This is turn 1')
    assert len([piece for piece in pieces if piece.choices and piece.choices[0].delta.content]) > 5
    assert pieces[0].choices[0].delta.role == "assistant"
    assert [piece.choices[0].finish_reason for piece in pieces if piece.choices][-1] == "stop"
    assert pieces[-1].usage is not None
    assert pieces[-1].usage.completion_tokens > 0


async def test_the_whole_answer_is_the_streamed_one(system: System) -> None:
    whole = await ask(system, "The same for both")
    streamed = ""
    stream = await system.client().chat.completions.create(
        model=await first_model(system),
        messages=[{"role": "user", "content": "The same for both"}],
        stream=True,
    )
    async for chunk in stream:
        streamed += chunk.choices[0].delta.content or ""

    assert whole == streamed


async def test_the_page_saw_trusted_typing_and_clicks_and_only_its_own_calls(system: System) -> None:
    await ask(system, "Typed by hand")

    events = await system.site.journal("event")
    assert {event["type"] for event in events if event["target"] == "messageBox" and event["trusted"]} >= {
        "input"
    }
    assert [
        event
        for event in events
        if event["target"] == "send" and event["type"] == "click" and event["trusted"]
    ]
    assert [event for event in events if not event["trusted"]] == []
    assert [chat["content"] for chat in await system.site.journal("chat")] == ["Typed by hand"]


async def test_the_history_reaches_the_site_whole(system: System) -> None:
    model = await first_model(system)
    await system.client().chat.completions.create(
        model=model,
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "First question"},
            {"role": "assistant", "content": "First answer"},
            {"role": "user", "content": "Second question"},
        ],
    )

    (chat,) = await system.site.journal("chat")
    positions = [
        chat["content"].index(t) for t in ("Be brief.", "First question", "First answer", "Second question")
    ]
    assert positions == sorted(positions)


async def test_a_client_that_leaves_stops_the_page_and_frees_the_slot(system: System) -> None:
    stream = await system.client().chat.completions.create(
        model=await first_model(system),
        messages=[{"role": "user", "content": SLOW + "Never mind"}],
        stream=True,
    )
    async for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    await stream.close()

    await eventually(lambda: system.site.journal("stop"), what="the site's stop control")
    await eventually(system.idle, what="a free slot")


async def test_a_client_that_leaves_a_whole_answer_stops_the_page_too(system: System) -> None:
    asking = asyncio.create_task(ask(system, SLOW + "Whole"))
    await eventually(lambda: system.site.journal("chat"), what="the chat at the site")
    asking.cancel()

    await eventually(lambda: system.site.journal("stop"), what="the site's stop control")
    await eventually(system.idle, what="a free slot")


async def test_an_unknown_model_is_refused_and_never_answered_by_another(system: System) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        await system.client().chat.completions.create(
            model="no-such-model", messages=[{"role": "user", "content": "Hello"}]
        )

    assert refused.value.code == "model_not_found"
    assert await system.site.journal("chat") == []


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("contentRefused", openai.BadRequestError, "content_policy_violation"),
        ("rateLimited", openai.RateLimitError, "site_rate_limited"),
        ("recaptcha", openai.InternalServerError, "needs_human"),
    ],
)
async def test_a_refusal_of_the_site_reaches_the_sdk_as_its_error_class(
    system: System, fault: str, error: type[openai.APIStatusError], code: str
) -> None:
    await system.site.fail(fault, times=1, retryAfterSeconds=1)

    with pytest.raises(error) as refused:
        await ask(system, "Please")

    assert refused.value.code == code
    assert len(await system.site.journal("chat")) == 1


async def test_a_failure_before_content_is_retried_silently_on_another_instance(system: System) -> None:
    await system.site.fail("emptyBody", times=1)

    assert (await ask(system, "Again")).startswith('You said: "Again"')
    assert len(await system.site.journal("chat")) == 2


async def test_two_chats_at_once_do_not_mix(system: System) -> None:
    answers = await asyncio.gather(*(ask(system, f"Number {n}") for n in range(4)))

    assert [answer.split(".")[0] for answer in answers] == [f'You said: "Number {n}"' for n in range(4)]
