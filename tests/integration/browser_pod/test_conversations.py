"""Conversations at the pod: a page goes on with its own, and with nothing else."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.integration.browser_pod.stage import DemoSite, Json, Pod, events_of, running_pod
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

SLOW = "Slow [[demo tokens=200 pace_ms=25]]"
BRIEF = "[[demo tokens=3 pace_ms=1]]"


@dataclass
class Dialogue:
    """A client that sends the whole history each time, as clients do."""

    pod: Pod
    key: str = field(default_factory=lambda: uuid4().hex)
    """One of its own: the pages that other tests have left are nobody's here."""

    messages: list[Json] = field(default_factory=list)

    async def say(self, text: str, **body: Any) -> str:
        """Send one more message, keep the answer, and return the pod's word on the history."""
        self.messages.append({"role": "user", "content": f"{text} {BRIEF}"})
        async with self.pod.chat(messages=self.messages, key=self.key, **body) as response:
            whole = await response.json()
            assert response.status == 200, whole
            message = whole["choices"][0]["message"]
            self.messages.append({"role": "assistant", "content": message["content"]})
            return str(response.headers["x-bridge-affinity"])

    @property
    def last_answer(self) -> str:
        return str(self.messages[-1]["content"])


async def last_chat(pod: Pod) -> Json:
    return (await pod.site.journal("chat"))[-1]


async def is_new_chat_with(pod: Pod, *texts: str) -> bool:
    """Whether the site's last chat was a new one that had all these texts, in this order."""
    chat = await last_chat(pod)
    positions = [chat["content"].find(text) for text in texts]
    return not chat["follow_up"] and -1 not in positions and positions == sorted(positions)


async def test_a_conversation_stays_on_its_page_and_only_new_messages_are_typed(pod: Pod) -> None:
    dialogue = Dialogue(pod)

    words = [await dialogue.say(text) for text in ("One", "Two", "Three")]

    assert words == ["none", "hit", "hit"]
    chats = await pod.site.journal("chat")
    assert [chat["content"] for chat in chats] == [f"{text} {BRIEF}" for text in ("One", "Two", "Three")]
    assert [chat["follow_up"] for chat in chats] == [False, True, True]
    assert len({chat["sessionId"] for chat in chats}) == 1
    assert dialogue.last_answer.startswith('You said: "Three". This is turn 3 of our conversation.')


async def test_a_streamed_answer_is_history_like_a_whole_one(pod: Pod) -> None:
    dialogue = Dialogue(pod, messages=[{"role": "system", "content": "Be brief."}])
    await dialogue.say("One [[demo tokens=5 pace_ms=1 reasoning=5 citations=1 images=1]]")
    dialogue.messages.append({"role": "user", "content": f"Two {BRIEF}"})

    async with pod.chat(messages=dialogue.messages, key=dialogue.key, stream=True) as response:
        word = response.headers["x-bridge-affinity"]
        deltas = [event["choices"][0]["delta"] async for event in events_of(response) if event != "[DONE]"]

    answer = "".join(delta.get("content", "") for delta in deltas)
    dialogue.messages.append({"role": "assistant", "content": answer})
    assert (word, await dialogue.say("Three")) == ("hit", "hit")


async def test_a_long_message_with_many_lines_goes_on_too(pod: Pod) -> None:
    dialogue = Dialogue(pod)
    await dialogue.say("\n".join(f"line {number}" for number in range(300)))

    assert await dialogue.say("Two\n" * 150) == "hit"


def regenerated(messages: list[Json]) -> list[Json]:
    """The last answer is thrown away and asked for again."""
    return messages[:3]


def edited(position: int) -> Callable[[list[Json]], list[Json]]:
    def edit(messages: list[Json]) -> list[Json]:
        changed = {**messages[position], "content": messages[position]["content"] + " Edited"}
        return [*messages[:position], changed, *messages[position + 1 :], {"role": "user", "content": "Next"}]

    return edit


def with_system_prompt(messages: list[Json]) -> list[Json]:
    return [{"role": "system", "content": "Be brief."}, *messages, {"role": "user", "content": "Next"}]


def with_tool_call(messages: list[Json]) -> list[Json]:
    call = {**messages[3], "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f"}}]}
    return [*messages[:3], call, {"role": "user", "content": "Next"}]


def followed_by_two(messages: list[Json]) -> list[Json]:
    return [*messages, {"role": "user", "content": "Next"}, {"role": "user", "content": "And"}]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(regenerated, id="regenerated"),
        pytest.param(edited(0), id="edited message"),
        pytest.param(edited(1), id="edited answer"),
        pytest.param(edited(3), id="edited last answer"),
        pytest.param(with_system_prompt, id="system prompt"),
        pytest.param(with_tool_call, id="tool call"),
        pytest.param(followed_by_two, id="two new messages"),
    ],
)
async def test_another_history_is_a_new_chat_with_all_of_it(
    pod: Pod, change: Callable[[list[Json]], list[Json]]
) -> None:
    dialogue = Dialogue(pod)
    await dialogue.say("One")
    await dialogue.say("Two")
    messages = change(dialogue.messages)

    async with pod.chat(messages=messages, key=dialogue.key) as response:
        assert response.status == 200
        assert response.headers["x-bridge-affinity"] == "miss"

    texts = [message["content"] for message in messages]
    assert await is_new_chat_with(pod, *texts)


async def test_another_model_is_another_conversation(pod: Pod) -> None:
    dialogue = Dialogue(pod)
    await dialogue.say("One")

    assert await dialogue.say("Two", model="tide-max") == "miss"
    assert await is_new_chat_with(pod, "One", "Two")


async def test_keys_with_identical_histories_never_share_a_page(pod: Pod) -> None:
    laptop, desktop = Dialogue(pod, key="laptop"), Dialogue(pod, key="desktop")
    await laptop.say("One")
    desktop.messages = list(laptop.messages)

    assert await desktop.say("Two") == "miss"
    assert await is_new_chat_with(pod, "One", "Two")
    other_session = (await last_chat(pod))["sessionId"]
    assert await desktop.say("Three") == "hit"

    sessions = [chat["sessionId"] for chat in await pod.site.journal("chat")]
    assert sessions == [sessions[0], other_session, other_session]
    assert sessions[0] != other_session


@pytest.mark.parametrize("limit", [{"max_tokens": 5}, {"stop": "This is turn"}], ids=["max_tokens", "stop"])
async def test_an_answer_that_the_client_had_cut_is_not_gone_on_with(pod: Pod, limit: Json) -> None:
    before = await pod.conversations()
    dialogue = Dialogue(pod)
    await dialogue.say("One " + SLOW, **limit)
    await pod.wait_until("Ready", "Ready")
    assert set(await pod.conversations()) <= set(before)

    assert await dialogue.say("Two") == "miss"
    assert await is_new_chat_with(pod, "One", dialogue.messages[1]["content"], "Two")


async def test_an_answer_whose_client_has_left_is_not_gone_on_with(pod: Pod) -> None:
    before = await pod.conversations()
    async with pod.chat(SLOW, stream=True) as response:
        await response.content.readany()
    await pod.site.wait_for("stop")
    await pod.wait_until("Ready", "Ready")

    assert set(await pod.conversations()) <= set(before)


@pytest.mark.parametrize("fault", ["cut", "errorFrame", "noFinish", "reload", "navigate"])
async def test_an_answer_that_failed_is_not_gone_on_with(pod: Pod, fault: str) -> None:
    dialogue = Dialogue(pod)
    await dialogue.say("One")
    await pod.site.fail(fault, times=1, to="/elsewhere")
    failing = [*dialogue.messages, {"role": "user", "content": f"Two {SLOW}"}]
    async with pod.chat(messages=failing, key=dialogue.key) as response:
        assert response.status != 200
    assert (await last_chat(pod))["follow_up"]
    await pod.wait_until("Ready", "Ready")

    assert await dialogue.say("Two") == "miss"
    assert await is_new_chat_with(pod, "One", dialogue.messages[1]["content"], "Two")


async def test_a_conversation_that_the_site_has_lost_is_typed_whole_without_the_client_noticing(
    pod: Pod,
) -> None:
    dialogue = Dialogue(pod)
    await dialogue.say("One")
    await pod.site.fail("badRequest", times=1)

    assert await dialogue.say("Two") == "miss"

    assert [chat["follow_up"] for chat in await pod.site.journal("chat")] == [False, True, False]
    assert await is_new_chat_with(pod, "One", "Two")


async def test_a_limit_on_a_further_message_is_waited_out_and_not_dodged_by_a_new_chat(pod: Pod) -> None:
    dialogue = Dialogue(pod)
    await dialogue.say("One")
    await pod.site.fail("rateLimited", times=1, retryAfterSeconds=1)

    asked = [*dialogue.messages, {"role": "user", "content": "Two"}]
    refusal = await pod.refusal(messages=asked, key=dialogue.key)

    assert refusal.kind == (429, "site_rate_limited")
    assert len(await pod.site.journal("chat")) == 2


async def test_a_page_that_died_is_forgotten_at_once(pod: Pod) -> None:
    dialogue = Dialogue(pod)
    await dialogue.say("One")
    assert await pod.conversations()
    for process in pod.part.tree():
        if "--type=renderer" in process.cmdline():
            process.kill()

    async def forgotten() -> bool:
        return not await pod.conversations()

    await eventually(forgotten, what="an empty status")
    await pod.wait_until("Ready", "Ready")
    assert await dialogue.say("Two") == "miss"
    assert await is_new_chat_with(pod, "One", "Two")


async def test_a_page_that_is_in_use_is_not_waited_for(pod: Pod) -> None:
    dialogue = Dialogue(pod)
    await dialogue.say("One")
    again = [*dialogue.messages, {"role": "user", "content": SLOW}]
    async with pod.chat(messages=again, key=dialogue.key, stream=True) as running:
        await running.content.readany()
        assert running.headers["x-bridge-affinity"] == "hit"

        assert await dialogue.say("Two") == "miss"

        assert await is_new_chat_with(pod, "One", "Two")
    await pod.wait_until("Ready", "Ready")


async def test_one_of_the_free_slots_keeps_a_new_chat_open(pod: Pod) -> None:
    first, second = Dialogue(pod), Dialogue(pod)
    await first.say("First")
    await second.say("Second")

    assert len(await pod.conversations()) == 1
    assert await second.say("Second again") == "hit"
    assert await first.say("First again") == "miss"
    assert await is_new_chat_with(pod, "First", "First again")


async def test_conversations_at_once_do_not_mix(pod: Pod) -> None:
    dialogues = [Dialogue(pod, key=f"key-{number}") for number in range(2)]
    for turn in range(3):
        await asyncio.gather(*(each.say(f"{each.key} turn {turn}") for each in dialogues))
    chats = await pod.site.journal("chat")

    assert len(chats) == 6
    for each in dialogues:
        own = {chat["sessionId"] for chat in chats if f"{each.key} turn" in chat["content"]}
        foreign = {chat["sessionId"] for chat in chats if f"{each.key} turn" not in chat["content"]}
        assert not own & foreign


async def test_a_lone_slot_keeps_its_page_until_somebody_else_comes(site: DemoSite, tmp_path: Path) -> None:
    async with running_pod(tmp_path, site, slots=1, settings={"maxMessageCharacters": 400}) as pod:
        await pod.wait_until("Ready", within_seconds=60)
        await site.forget()
        dialogue, other = Dialogue(pod), Dialogue(pod)
        for number in range(6):
            assert await dialogue.say(f"{number} {'x' * 60}") == ("hit" if number else "none")

        assert await other.say("Somebody else") == "none"
        assert await is_new_chat_with(pod, "Somebody else")
        assert "xxx" not in (await last_chat(pod))["content"]

        asked = [*dialogue.messages, {"role": "user", "content": "Next"}]
        refusal = await pod.refusal(messages=asked, key=dialogue.key)
        assert refusal.kind == (400, "context_length_exceeded")
        assert await other.say("Again") == "hit"
        async with pod.http.get(f"{pod.metrics_url}/metrics") as metrics:
            assert 'bridge_browser_affinity_total{affinity="hit"} 6.0' in await metrics.text()


async def test_without_affinity_every_chat_is_a_new_one(site: DemoSite, tmp_path: Path) -> None:
    async with running_pod(tmp_path, site, loadBalancing={"affinity": "None"}) as pod:
        await pod.wait_until("Ready", "Ready", within_seconds=60)
        dialogue = Dialogue(pod)

        assert [await dialogue.say("One"), await dialogue.say("Two")] == ["none", "none"]

        assert await is_new_chat_with(pod, "One", "Two")
        assert await pod.conversations() == []


async def test_the_status_shows_nothing_of_the_texts(pod: Pod) -> None:
    await Dialogue(pod).say("Canary of the coal mine")

    assert "anary" not in str(await pod.status())
    assert "anary" not in pod.part.text
