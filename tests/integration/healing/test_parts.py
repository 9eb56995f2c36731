"""What becomes of the system when a pod or the router dies or stands still: who notices, what the clients get, what is left."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import psutil
import pytest
import pytest_asyncio

from tests.integration.healing.victims import Blow
from tests.integration.system.conftest import System, running_site, running_system
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

KILL, STOP = Blow
LONG = "A long one [[demo tokens=3000 pace_ms=20]]"
each_blow = pytest.mark.parametrize("blow", Blow, ids=lambda blow: blow.value)

NOTICED = {KILL: 3.0, STOP: 20.0}
"""Longest wait for the end of what was struck: a part that stands still is asked for 10 s before it is ended."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    folder = tmp_path_factory.mktemp("system")
    async with running_site(folder) as demo, running_system(folder, demo) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def system(shared_system: System) -> System:
    """A system of two instances with two slots each, all of them ready."""
    await whole(shared_system)
    return shared_system


async def whole(system: System) -> None:
    async def is_whole() -> bool:
        try:
            return await system.ready(2) and len(await system.slots()) == 4 and await system.idle()
        except aiohttp.ClientError:
            return False

    await eventually(is_whole, within_seconds=40, what="two instances with two ready slots each")


@dataclass
class Talk:
    """One streamed chat, as any HTTP client sees it."""

    system: System
    text: str
    instance: str = ""
    content: str = ""
    end: str = ""
    """`[DONE]`, an error's code, or `cut` where the connection broke."""

    shown: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> "Talk":
        body = {
            "model": "lumen-pro",
            "stream": True,
            "messages": [{"role": "user", "content": self.text}],
        }
        try:
            async with self.system.http.post(
                f"{self.system.url}/v1/chat/completions", json=body, timeout=aiohttp.ClientTimeout(total=90)
            ) as response:
                self.instance = response.headers.get("x-bridge-instance", "")
                if not response.ok:
                    self.end = (await response.json())["error"]["code"]
                async for line in response.content:
                    self._take(line.removeprefix(b"data: ").strip())
        except aiohttp.ClientError:
            self.end = "cut"
        return self

    def _take(self, data: bytes) -> None:
        if data == b"[DONE]":
            self.end = "[DONE]"
        elif data.startswith(b"{"):
            event = json.loads(data)
            if "error" in event:
                self.end = event["error"]["code"]
            elif event["choices"][0]["delta"].get("content"):
                self.content += event["choices"][0]["delta"]["content"]
                self.shown.set()


async def talking(system: System, count: int) -> tuple[list[Talk], list["asyncio.Task[Talk]"]]:
    """Begin long chats, and wait until each has shown content."""
    talks = [Talk(system, LONG) for _ in range(count)]
    tasks = [asyncio.create_task(talk.run()) for talk in talks]
    await asyncio.gather(*(talk.shown.wait() for talk in talks))
    return talks, tasks


async def end_by_leaving(tasks: Sequence["asyncio.Task[Talk]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def router_of(system: System) -> psutil.Process:
    return next(p for p in system.part.tree() if "bridge_router" in p.cmdline())


async def gone(system: System, process: psutil.Process, within_seconds: float) -> None:
    """Wait until a process and all that it had started are no more."""
    family = [process, *process.children(recursive=True)]
    system.part.tree()

    def none_left() -> bool:
        return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family)

    await eventually(none_left, within_seconds=within_seconds, what=f"the end of {process} and its browser")


@each_blow
async def test_an_idle_pod_is_replaced_and_no_chat_fails_meanwhile(system: System, blow: Blow) -> None:
    name, pid = next(iter(system.instance_pids().items()))
    victim = psutil.Process(pid)
    strike = asyncio.create_task(gone(system, victim, NOTICED[blow]))
    await asyncio.sleep(0)

    blow.fall_on(victim)
    ends = [(await Talk(system, f"Number {n}").run()).end for n in range(8)]
    await strike

    assert ends == ["[DONE]"] * 8
    await whole(system)
    assert name not in system.instance_pids()


@each_blow
async def test_a_busy_pod_costs_only_the_chats_that_had_shown_content(system: System, blow: Blow) -> None:
    talks, tasks = await talking(system, 4)
    name, pid = next(iter(system.instance_pids().items()))
    victim = psutil.Process(pid)
    waiting = asyncio.create_task(Talk(system, "I wait for a slot").run())
    end = asyncio.create_task(gone(system, victim, NOTICED[blow]))
    await asyncio.sleep(0)

    blow.fall_on(victim)
    await end
    there = [task for talk, task in zip(talks, tasks, strict=True) if talk.instance == name]
    elsewhere = [task for talk, task in zip(talks, tasks, strict=True) if talk.instance != name]
    ends = [talk.end for talk in await asyncio.gather(*there)]

    assert ends == ["site_error"] * 2
    assert not any(task.done() for task in elsewhere)
    assert (await waiting).end == "[DONE]"
    await end_by_leaving(elsewhere)
    await whole(system)
    assert (await Talk(system, "Afterwards").run()).end == "[DONE]"


@each_blow
async def test_a_router_is_started_again_and_its_chats_free_their_slots(system: System, blow: Blow) -> None:
    talks, tasks = await talking(system, 3)
    router = router_of(system)
    instances = system.instance_pids()

    blow.fall_on(router)
    await gone(system, router, NOTICED[blow])
    ends = [talk.end for talk in await asyncio.gather(*tasks)]
    await whole(system)

    assert all(talk.content for talk in talks)
    assert ends == ["cut"] * 3
    assert system.instance_pids() == instances
    assert (await Talk(system, "Afterwards").run()).end == "[DONE]"


async def test_an_instance_that_gives_itself_up_is_replaced(system: System) -> None:
    name, pid = next(iter(system.instance_pids().items()))
    victim = psutil.Process(pid)

    async def gone_for_good() -> bool:
        with suppress(psutil.NoSuchProcess):
            for process in victim.children(recursive=True):
                if "--type=renderer" in process.cmdline():
                    process.kill()
        return name not in system.instance_pids()

    await eventually(gone_for_good, within_seconds=30, what=f"the end of {name}")
    await whole(system)

    assert "an instance has given itself up" in system.part.text
    assert (await Talk(system, "Afterwards").run()).end == "[DONE]"


async def test_an_idle_router_that_dies_is_missed_for_a_moment_only(system: System) -> None:
    os.kill(router_of(system).pid, signal.SIGKILL)

    async def answered() -> bool:
        return (await Talk(system, "Hello").run()).end == "[DONE]"

    await eventually(answered, within_seconds=10, what="an answer by the next router")
