"""Conversations through every part: clients send the whole history, pages are told what is new, keys share nothing."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import psutil
import pytest
import pytest_asyncio
from openai import AsyncOpenAI

from tests.integration.system.conftest import System, running_site, running_system
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

KEYS = ("laptop", "desktop")
SLOW = "[[demo tokens=200 pace_ms=25]]"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guarded_system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """A system with two API keys, each of which is its name."""
    folder = tmp_path_factory.mktemp("guarded")
    lines = [f"{key} {hashlib.sha256(key.encode()).hexdigest()}" for key in KEYS]
    (folder / "keys").write_text("\n".join(lines))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BRIDGE_API_KEYS_FILE", str(folder / "keys"))
        async with running_site(folder) as site:
            site.http.headers["Authorization"] = f"Bearer {KEYS[0]}"
            # An instance keeps a new chat open on one slot: two conversations find room beside it.
            async with running_system(folder, site, slots=3) as running:
                yield running


@pytest_asyncio.fixture(loop_scope="module")
async def system(guarded_system: System) -> System:
    """The guarded system, idle and with an empty journal."""
    await guarded_system.site.lift()
    await eventually(guarded_system.idle, within_seconds=30, what="an idle system")
    await guarded_system.site.forget()
    return guarded_system


async def held(system: System) -> dict[str, str]:
    """Return which instance holds which conversation, as the router knows it."""
    return {
        slot["conversation"]: instance["instance"]
        for instance in await system.instances()
        for slot in instance["slots"]
        if slot["conversation"]
    }


class Dialogue:
    """A client with the SDK that sends the whole history each time; its first words are its own."""

    def __init__(self, system: System, key: str = KEYS[0]) -> None:
        self.system = system
        self.client: AsyncOpenAI = system.client(api_key=key)
        self.holder = ""
        """The instance whose page holds the conversation."""

        self.messages: list[Any] = [{"role": "system", "content": f"You are {uuid4().hex}."}]

    async def say(self, text: str, model: str = "lumen-pro") -> str:
        """Send one more message, keep the answer, and return the word on the history."""
        before = await held(self.system)
        self.messages.append({"role": "user", "content": text})
        answer = await self.client.chat.completions.with_raw_response.create(
            model=model, messages=self.messages
        )
        content = answer.parse().choices[0].message.content
        self.messages.append({"role": "assistant", "content": content})
        await self._be_known(before)
        return str(answer.headers["x-bridge-affinity"])

    async def stream(self, text: str) -> None:
        """Send one more message, and keep the streamed answer."""
        before = await held(self.system)
        self.messages.append({"role": "user", "content": text})
        stream = await self.client.chat.completions.create(
            model="lumen-pro", messages=self.messages, stream=True
        )
        content = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
        self.messages.append({"role": "assistant", "content": content})
        await self._be_known(before)

    async def _be_known(self, before: dict[str, str]) -> None:
        """Wait until the router knows which page holds what was said."""

        async def known() -> list[str]:
            return [instance for name, instance in (await held(self.system)).items() if name not in before]

        self.holder = (await eventually(known, what="a page that is known to hold the conversation"))[0]

    async def was_typed_whole(self) -> bool:
        """Whether the site's last chat was a new one that had every message but its answer."""
        chat = (await self.system.site.journal("chat"))[-1]
        texts = [message["content"] for message in self.messages[:-1]]
        positions = [chat["content"].find(text) for text in texts]
        return not chat["follow_up"] and -1 not in positions and positions == sorted(positions)


async def test_a_conversation_of_three_turns_is_one_conversation_at_the_site(system: System) -> None:
    dialogue = Dialogue(system)

    await dialogue.stream("One")
    await dialogue.stream("Two")
    word = await dialogue.say("Three")

    assert word == "hit"
    chats = await system.site.journal("chat")
    assert [chat["follow_up"] for chat in chats] == [False, True, True]
    assert [chat["content"] for chat in chats[1:]] == ["Two", "Three"]
    assert len({chat["sessionId"] for chat in chats}) == 1
    assert "This is turn 3 of our conversation." in dialogue.messages[-1]["content"]


async def test_keys_with_identical_histories_never_share_a_page(system: System) -> None:
    laptop, desktop = Dialogue(system, KEYS[0]), Dialogue(system, KEYS[1])
    await laptop.say("One")
    desktop.messages = list(laptop.messages)

    assert await desktop.say("Two") == "miss"

    assert await desktop.was_typed_whole()
    chats = await system.site.journal("chat")
    assert len({chat["sessionId"] for chat in chats}) == 2
    assert await laptop.say("Two") == "hit"


@pytest.mark.parametrize("change", ["regenerated", "edited", "another model"])
async def test_another_history_or_model_is_a_new_chat_with_all_of_it(system: System, change: str) -> None:
    dialogue = Dialogue(system)
    await dialogue.say("One")
    await dialogue.say("Two")
    if change == "regenerated":
        del dialogue.messages[-2:]
    elif change == "edited":
        dialogue.messages[1] = {"role": "user", "content": "Won"}

    model = "tide-max" if change == "another model" else "lumen-pro"
    assert await dialogue.say("Next", model) == "miss"

    assert await dialogue.was_typed_whole()


async def test_a_page_that_is_in_use_is_not_waited_for(system: System) -> None:
    dialogue = Dialogue(system)
    await dialogue.say("One")
    before = len(await system.site.journal("chat"))
    running = asyncio.create_task(
        dialogue.client.chat.completions.create(
            model="lumen-pro", messages=[*dialogue.messages, {"role": "user", "content": SLOW}]
        )
    )

    async def reached_the_site() -> bool:
        return len(await system.site.journal("chat")) > before

    await eventually(reached_the_site, what="the first follow-up at the site")
    dialogue.messages.append({"role": "user", "content": "Two"})
    answer = await dialogue.client.chat.completions.with_raw_response.create(
        model="lumen-pro", messages=dialogue.messages
    )

    assert answer.headers["x-bridge-affinity"] == "miss"
    assert not running.done()
    chats = await system.site.journal("chat")
    assert [chat["follow_up"] for chat in chats] == [False, True, False]
    running.cancel()


async def test_a_further_message_that_fails_is_tried_elsewhere_with_the_whole_history(system: System) -> None:
    dialogue = Dialogue(system)
    await dialogue.say("One")
    await system.site.fail("emptyBody", times=1)

    assert await dialogue.say("Two") == "miss"

    assert [chat["follow_up"] for chat in await system.site.journal("chat")] == [False, True, False]
    assert await dialogue.was_typed_whole()


async def test_a_conversation_outlives_its_instance(system: System) -> None:
    dialogue = Dialogue(system)
    await dialogue.say("One")
    died = dialogue.holder
    psutil.Process(system.instance_pids()[died]).kill()

    assert await dialogue.say("Two") == "miss"

    assert dialogue.holder != died
    assert await dialogue.was_typed_whole()
