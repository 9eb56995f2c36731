"""What happens when a part dies, when the site asks for a person, and when everything is told to end."""

import asyncio
import os
import signal
from pathlib import Path
from typing import NamedTuple

import openai
import psutil
import pytest

from tests.integration.system.conftest import DemoSite, System, running_system
from tests.support.processes import Part
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser

SLOW = "[[demo tokens=80 pace_ms=50]] "


class Outcome(NamedTuple):
    instance: str
    text: str
    error: str | None


class Chat:
    """One streamed chat, which tells when it has shown content."""

    def __init__(self, system: System, text: str) -> None:
        self._system = system
        self._text = text
        self.shown = asyncio.Event()
        self.instance = ""

    async def run(self) -> Outcome:
        text = ""
        try:
            models = await self._system.client().models.list()
            raw = await self._system.client().chat.completions.with_raw_response.create(
                model=models.data[0].id, messages=[{"role": "user", "content": self._text}], stream=True
            )
            self.instance = raw.headers.get("x-bridge-instance", "")
            async for chunk in raw.parse():
                if chunk.choices and chunk.choices[0].delta.content:
                    text += chunk.choices[0].delta.content
                    self.shown.set()
        except openai.APIError as error:
            return Outcome(self.instance, text, error.code or type(error).__name__)
        return Outcome(self.instance, text, None)


async def test_six_streams_over_two_instances_are_all_answered(system: System) -> None:
    outcomes = await asyncio.gather(*(Chat(system, f"Number {n}").run() for n in range(6)))

    assert [outcome.error for outcome in outcomes] == [None] * 6
    assert all(f'You said: "Number {n}"' in outcome.text for n, outcome in enumerate(outcomes))
    assert len({outcome.instance for outcome in outcomes}) == 2


async def test_a_killed_instance_ends_only_chats_that_had_shown_content_and_comes_back(
    system: System,
) -> None:
    chats = [Chat(system, f"{SLOW}Number {n}") for n in range(6)]
    running = [asyncio.create_task(chat.run()) for chat in chats]
    await eventually(lambda: sum(chat.shown.is_set() for chat in chats) == 4, what="content in each slot")
    victim, pid = next(iter(system.instance_pids().items()))
    shown_there = {number for number, chat in enumerate(chats) if chat.instance == victim}

    os.kill(pid, signal.SIGKILL)
    outcomes = await asyncio.gather(*running)

    assert len(shown_there) == 2
    for number, outcome in enumerate(outcomes):
        if number in shown_there:
            assert outcome.error == "site_error", outcome
        else:
            assert outcome.error is None, outcome
            assert f'You said: "Number {number}"' in outcome.text
    await eventually(lambda: system.ready(2), within_seconds=60, what="the instance's replacement")
    assert victim not in system.instance_pids()
    outcome = await Chat(system, "After").run()
    assert outcome.error is None


async def test_a_challenge_is_waited_out_and_never_answered(system: System) -> None:
    await system.site.fail("challengePage", times=None)

    async def all_need_a_person() -> bool:
        await Chat(system, "Hello").run()
        return all(slot["state"] == "NeedsHuman" for slot in await system.slots())

    await eventually(all_need_a_person, within_seconds=30, what="every slot waiting for a person")
    loop = asyncio.get_running_loop()
    asked_at = loop.time()
    refused = await Chat(system, "Hello").run()

    assert refused.error == "needs_human"
    assert loop.time() - asked_at < 2
    await system.site.lift()
    await eventually(system.idle, within_seconds=60, what="slots that are ready again")
    answered = await Chat(system, "Hello again").run()
    assert answered.error is None
    assert 'You said: "Hello again"' in answered.text


async def test_stopping_finishes_the_running_chat_and_leaves_nothing(system: System) -> None:
    chat = Chat(system, SLOW + "Let me finish")
    running = asyncio.create_task(chat.run())
    await chat.shown.wait()
    system.part.tree()

    system.part.send(signal.SIGINT)
    outcome = await running

    assert outcome.error is None
    assert await system.part.ended() == 0
    await eventually(lambda: not system.part.left_behind(), what="the end of every process")


async def test_stopping_turns_away_who_still_waits(tmp_path: Path, site: DemoSite) -> None:
    async with running_system(tmp_path, site, slots=1, autoscaling={"minInstances": 1}) as system:
        running, waiting = Chat(system, SLOW + "Let me finish"), Chat(system, "I wait")
        first = asyncio.create_task(running.run())
        await running.shown.wait()
        second = asyncio.create_task(waiting.run())
        await eventually(system.pending, what="a request in the queue")

        system.part.send(signal.SIGINT)

        assert (await second).error == "draining"
        assert (await first).error is None
        assert await system.part.ended(within_seconds=15) == 0


async def test_a_second_interrupt_stops_at_once(system: System) -> None:
    chat = Chat(system, "[[demo tokens=2000 pace_ms=50]] A long one")
    running = asyncio.create_task(chat.run())
    await chat.shown.wait()
    system.part.tree()

    system.part.send(signal.SIGINT)
    await eventually(lambda: "draining: running chats end first" in system.part.text, what="the drain")
    system.part.send(signal.SIGINT)

    await system.part.ended(within_seconds=15)
    assert (await running).error is not None
    await eventually(lambda: not system.part.left_behind(), what="the end of every process")


async def test_killing_the_command_leaves_no_browser(system: System) -> None:
    names = {process.name() for process in system.part.tree()}
    assert any("headless" in name or "chrom" in name for name in names)

    system.part.send(signal.SIGKILL)
    await system.part.ended()

    await eventually(lambda: not system.part.left_behind(), what="the end of every process")


async def test_nothing_listens_beyond_loopback(system: System) -> None:
    addresses = {
        connection.laddr.ip
        for process in [*system.part.tree(), *system.site.part.tree()]
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }

    assert addresses == {"127.0.0.1"}


async def test_a_bad_edit_is_refused_and_the_old_pool_goes_on(system: System) -> None:
    sound = system.pool_file.read_text()

    system.pool_file.write_text(sound.replace("slots: 2", "slots: 200"))
    await eventually(lambda: "spec.slots" in system.part.text, what="the reason of the refusal")

    assert (await Chat(system, "Still there").run()).error is None


async def test_a_port_in_use_is_a_clear_error(tmp_path: Path, site: DemoSite) -> None:
    async with running_system(tmp_path, site, autoscaling={"minInstances": 1}) as system:
        port = system.url.rsplit(":", 1)[1]

        second = await Part.start(
            ["bridge_cli", "up", "-f", str(system.pool_file), "--port", port], tmp_path / "second.log"
        )

        assert await second.ended(within_seconds=20) == 1
        assert port in second.text
        assert "in use" in second.text
        assert "Traceback" not in second.text


async def test_secrets_and_texts_are_in_no_log(tmp_path: Path, site: DemoSite) -> None:
    async with running_system(tmp_path, site, autoscaling={"minInstances": 1}) as system:
        client = system.client(api_key="canary-key-8d1f")
        model = (await client.models.list()).data[0].id
        await client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "canary-text-5a2e"}]
        )
        with pytest.raises(openai.APIError):
            await client.chat.completions.create(
                model=model,
                messages=[{"role": "user", "content": "[[demo fault=serverError]] canary-text-5a2e"}],
            )
        log = system.part.text
        contexts = {entry["context"] for entry in await site.journal() if entry.get("context")}

    assert "canary-key-8d1f" not in log
    assert "canary-text-5a2e" not in log
    assert contexts
    assert not [context for context in contexts if context in log]
