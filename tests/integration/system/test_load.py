"""The load that the router tells is the load that the pages carry."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bridge_runtime.tokens import load_token
from tests.integration.system.conftest import System
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser


def master_token(system: System) -> str:
    for process in system.part.tree():
        command = process.cmdline()
        if "bridge_router" in command:
            return Path(command[command.index("--master-token-file") + 1]).read_text()
    raise AssertionError("there is no router")


async def load(system: System) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {load_token(master_token(system))}"}
    async with system.http.get(f"{system.url}/load/stream", headers=headers) as stream:
        (pool,) = json.loads(await stream.content.readline())["pools"]
    return dict(pool)


async def ask(system: System, text: str) -> None:
    client = system.client()
    model = (await client.models.list()).data[0].id
    stream = await client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": text}], stream=True
    )
    async for _ in stream:
        pass


async def test_busy_slots_and_waiting_requests_reach_the_load_feed_and_leave_it(system: System) -> None:
    async def carries(busy: int, pending: int) -> bool:
        now = await load(system)
        return (now["busy"], now["pending"]) == (busy, pending)

    chats = [asyncio.create_task(ask(system, f"[[demo tokens=60 pace_ms=50]] {n}")) for n in range(6)]

    await eventually(lambda: carries(4, 2), what="four busy slots and two that wait")
    await asyncio.gather(*chats)
    await eventually(lambda: carries(0, 0), what="an idle pool")
    assert (await load(system))["firstTokenP90Seconds"] > 0


async def test_the_load_feed_is_for_those_with_a_token(system: System) -> None:
    async with system.http.get(f"{system.url}/load/stream", headers={"Authorization": "Bearer no"}) as answer:
        assert answer.status == 401
