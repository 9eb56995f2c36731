"""Chats that go wrong: each failure of the site is the error that it should be, and the slot becomes what it should."""

import asyncio

import pytest

from tests.integration.browser_pod.stage import HELLO, Pod, events_of, together
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("badRequest", (502, "site_error")),
        ("tooLarge", (413, "request_too_large")),
        ("contentRefused", (400, "content_policy_violation")),
        ("moved", (502, "site_error")),
        ("serverError", (502, "site_error")),
        ("emptyBody", (502, "empty_answer")),
        ("heartbeatsOnly", (502, "empty_answer")),
        ("arenaError", (502, "site_error")),
        ("errorFrame", (502, "site_error")),
        ("silence", (504, "first_token_timeout")),
        ("cut", (502, "site_error")),
        ("noFinish", (502, "site_error")),
        ("reload", (502, "site_error")),
        ("navigate", (502, "site_error")),
    ],
)
async def test_a_failure_is_an_error_and_the_slot_goes_on(
    pod: Pod, fault: str, kind: tuple[int, str]
) -> None:
    refusal = await pod.refusal(f"Hello [[demo tokens=30 pace_ms=5 fault={fault}]]")

    assert refusal.kind == kind
    assert refusal.headers["x-bridge-instance"] == "demo-0"
    assert "ready=" in refusal.headers["x-bridge-slots"]
    await pod.wait_until("Ready", "Ready")
    assert "Hello" in await pod.text(HELLO)


@pytest.mark.parametrize(
    ("fault", "code"),
    [("stall", "idle_timeout"), ("cut", "site_error"), ("noFinish", "site_error"), ("reload", "site_error")],
)
async def test_a_failure_after_content_is_an_event_and_the_end_without_done(
    pod: Pod, fault: str, code: str
) -> None:
    marker = f"[[demo tokens=40 pace_ms=20 fault={fault} after=5]]"
    async with pod.chat(f"Hello {marker}", stream=True) as response:
        assert response.status == 200
        events = [event async for event in events_of(response)]

    assert events[0]["choices"][0]["delta"]["role"] == "assistant"
    assert events[1]["choices"][0]["delta"]["content"]
    assert events[-1]["error"]["code"] == code
    await pod.wait_until("Ready", "Ready")


async def test_a_stalled_answer_is_stopped_on_the_site(pod: Pod) -> None:
    await pod.refusal("Hello [[demo tokens=40 pace_ms=5 fault=stall after=5]]")

    await pod.site.wait_for("stop")
    await pod.wait_until("Ready", "Ready")


async def test_a_moved_host_is_named_with_the_setting_to_change(pod: Pod) -> None:
    refusal = await pod.refusal("Hello [[demo fault=moved]]")

    assert "site.url" in refusal.error["message"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("recaptcha", "Challenge"),
        ("challengeInStream", "Challenge"),
        ("challengePage", "Challenge"),
        ("loginGate", "LoginRequired"),
    ],
)
async def test_a_slot_that_is_asked_for_a_person_waits_for_one(pod: Pod, fault: str, reason: str) -> None:
    await pod.site.fail(fault)

    refusal = await pod.refusal(HELLO)

    assert refusal.kind == (503, "needs_human")
    assert refusal.headers["x-should-retry"] == "false"
    slot = next(slot for slot in (await pod.status())["slots"] if slot["state"] != "Ready")
    assert (slot["state"], slot["reason"]) == ("NeedsHuman", reason)
    assert slot["lease"] is None


async def test_with_every_slot_waiting_for_a_person_chats_are_refused_at_once_until_it_is_lifted(
    pod: Pod,
) -> None:
    # What went wrong before is forgotten, and both slots open a new chat: a cut answer is not gone on with.
    await together(pod.text(HELLO, max_tokens=1), pod.text(HELLO, max_tokens=1))
    await pod.wait_until("Ready", "Ready")
    await pod.site.forget()
    await pod.site.fail("challengePage")
    await pod.refusal(HELLO)
    await pod.refusal(HELLO)
    await pod.wait_until("NeedsHuman", "NeedsHuman")

    refusal = await pod.refusal(HELLO)

    assert refusal.kind == (503, "needs_human")
    assert "Challenge" in refusal.error["message"]
    assert len(await pod.site.journal("chat")) == 2
    await pod.site.lift()
    await pod.wait_until("Ready", "Ready")
    assert "Hello" in await pod.text(HELLO)


async def test_a_limit_is_waited_out_for_as_long_as_the_site_says(pod: Pod) -> None:
    refusal = await pod.refusal("Hello [[demo fault=rateLimited retry_after=2]]")

    assert refusal.kind == (429, "site_rate_limited")
    assert refusal.headers["retry-after"] == "2"
    slots = (await pod.status())["slots"]
    assert [slot["state"] for slot in slots] == ["RateLimited", "RateLimited"]
    assert all(0 < slot["remainingSeconds"] <= 2 for slot in slots)
    await pod.wait_until("Ready", "Ready", within_seconds=6)


async def test_a_limit_on_one_slot_is_not_dodged_by_another_one(pod: Pod) -> None:
    await pod.refusal("Hello [[demo fault=rateLimited retry_after=3]]")

    refusal = await pod.refusal(HELLO)

    assert refusal.kind == (429, "site_rate_limited")
    assert refusal.headers["retry-after"] in {"1", "2", "3"}
    assert len(await pod.site.journal("chat")) == 1
    await pod.wait_until("Ready", "Ready", within_seconds=8)


async def test_a_message_box_that_is_gone_is_named_when_the_next_chat_is_opened(pod: Pod) -> None:
    await pod.site.fail("renamedSelector")
    await pod.text(HELLO, max_tokens=1)  # a cut answer is not gone on with: its page is opened anew

    assert "site.settings.selectors.messageBox" in await _message_of_a_broken_slot(pod)


async def test_a_send_control_that_takes_no_click_is_named_and_breaks_the_slot(pod: Pod) -> None:
    await pod.site.fail("stuckSubmit")
    await pod.refusal(HELLO)

    assert "site.settings.selectors.send" in await _message_of_a_broken_slot(pod)


async def _message_of_a_broken_slot(pod: Pod) -> str:
    async def broken() -> list[str]:
        slots = (await pod.status())["slots"]
        return [slot["message"] for slot in slots if slot["reason"] == "ControlMissing"]

    return (await eventually(broken, within_seconds=20, what="a broken slot"))[0]


async def test_terms_that_come_back_are_accepted_again_where_the_settings_say_so(pod: Pod) -> None:
    await pod.site.fail("termsOnTop", times=1)

    assert "Hello" in await pod.text(HELLO)


async def test_a_client_that_leaves_stops_the_site_and_frees_the_slot(pod: Pod) -> None:
    async with pod.chat("Hello [[demo tokens=500 pace_ms=20]]", stream=True, lease="L9") as response:
        await anext(events_of(response))
        slots = (await pod.status())["slots"]
        assert [slot["lease"] for slot in slots if slot["state"] == "Busy"] == ["L9"]

    await pod.site.wait_for("stop")
    await pod.wait_until("Ready", "Ready")


async def test_a_client_that_leaves_before_the_first_content_frees_the_slot(pod: Pod) -> None:
    call = asyncio.create_task(pod.text("Hello [[demo fault=silence]]"))
    await pod.site.wait_for("chat")
    call.cancel()

    await pod.site.wait_for("stop")
    await pod.wait_until("Ready", "Ready")


async def test_a_client_that_leaves_while_its_message_is_typed_stops_the_site(pod: Pod) -> None:
    call = asyncio.create_task(pod.text("Hello [[demo fault=silence]]"))
    await pod.site.wait_for("event")
    call.cancel()

    await pod.site.wait_for("stop")
    await pod.wait_until("Ready", "Ready")


async def test_a_full_instance_refuses_at_once(pod: Pod) -> None:
    long = "Hello [[demo tokens=300 pace_ms=20]]"
    async with pod.chat(long, stream=True), pod.chat(long, stream=True):
        refusal = await pod.refusal(HELLO)

    assert refusal.kind == (429, "slots_full")
    assert "ready=0, total=2" in refusal.headers["x-bridge-slots"]
    await pod.wait_until("Ready", "Ready")


async def test_a_cordoned_instance_refuses_new_chats_until_the_cordon_is_lifted_or_runs_out(pod: Pod) -> None:
    await pod.post("/cordon", {"owner": "operator", "epoch": 2, "ttlSeconds": 60})
    assert (await pod.refusal(HELLO)).kind == (503, "cordoned")

    await pod.post("/uncordon", {"owner": "somebody else", "epoch": 9})
    assert (await pod.refusal(HELLO)).kind == (503, "cordoned")

    status = await pod.post("/uncordon", {"owner": "operator", "epoch": 2})
    assert status["cordons"] == []
    assert "Hello" in await pod.text(HELLO)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"model": "no-such-model"}, (404, "model_not_found")),
        ({"model": "atlas-2"}, (404, "model_not_found")),
        ({"content": "x" * 100_001}, (400, "context_length_exceeded")),
        ({"n": 2}, (400, "unsupported_parameter")),
        ({"messages": []}, (400, None)),
    ],
)
async def test_what_cannot_be_sent_never_reaches_the_site(
    pod: Pod, body: dict[str, object], kind: tuple[int, str | None]
) -> None:
    assert (await pod.refusal(**body)).kind == kind  # type: ignore[arg-type]

    assert await pod.site.journal("chat") == []
