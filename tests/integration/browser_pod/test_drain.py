"""The preStop hook on a real pod: new chats are kept away, running ones end, and it never fails."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest
import pytest_asyncio
from yarl import URL

from tests.integration.browser_pod.stage import TOKEN, Pod
from tests.support.processes import free_port
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

LONG = "Hello [[demo tokens=30 pace_ms=100]]"


def write_token(directory: Path, token: str) -> Path:
    file = directory / "token"
    file.write_text(token + "\n")
    return file


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    return write_token(tmp_path, TOKEN)


@pytest_asyncio.fixture(loop_scope="package")
async def drained_pod(pod: Pod) -> AsyncIterator[Pod]:
    yield pod
    await pod.post("/uncordon", {"owner": "kubelet"})


async def start_hook(port: int, token_file: Path, seconds: str) -> asyncio.subprocess.Process:
    environment = {**os.environ, "BRIDGE_PORT": str(port), "BRIDGE_TOKEN_FILE": str(token_file)}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bridge_browser.drain",
        seconds,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
    )


async def said(hook: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(20):
        output, _ = await hook.communicate()
    assert hook.returncode == 0, output
    return output.decode()


def port_of(pod: Pod) -> int:
    port = URL(pod.url).port
    assert port is not None
    return port


async def cordon_owners(pod: Pod) -> list[str]:
    return [cordon["owner"] for cordon in (await pod.status())["cordons"]]


async def test_it_waits_for_the_running_chat_and_keeps_others_away(
    drained_pod: Pod, token_file: Path
) -> None:
    chat = asyncio.create_task(drained_pod.answer(LONG))
    await drained_pod.wait_until("Busy", "Ready")
    hook = await start_hook(port_of(drained_pod), token_file, "60")

    await eventually(lambda: cordon_owners(drained_pod), what="a cordon")
    refused = await drained_pod.refusal()
    answer = await chat

    assert refused.error["code"] == "cordoned"
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert await said(hook) == "drain: no chat runs\n"


async def test_it_ends_when_the_time_is_over(drained_pod: Pod, token_file: Path) -> None:
    chat = asyncio.create_task(drained_pod.answer(LONG))
    await drained_pod.wait_until("Busy", "Ready")

    hook = await start_hook(port_of(drained_pod), token_file, "1")

    assert await said(hook) == "drain: 1 chats still run after 1 s\n"
    assert not chat.done()
    await chat


async def test_without_chats_it_is_quick(drained_pod: Pod, token_file: Path) -> None:
    start = monotonic()

    hook = await start_hook(port_of(drained_pod), token_file, "60")

    assert await said(hook) == "drain: no chat runs\n"
    assert monotonic() - start < 5


@pytest.mark.parametrize(
    ("token", "seconds", "listening", "why"),
    [
        (TOKEN, "60", False, "ConnectionRefusedError"),
        ("another", "60", True, "ValueError"),
        (TOKEN, "soon", True, "ValueError"),
    ],
    ids=["nobody listens", "wrong token", "no time"],
)
async def test_whatever_fails_is_one_line_and_no_failure(
    drained_pod: Pod, tmp_path: Path, token: str, seconds: str, *, listening: bool, why: str
) -> None:
    port = port_of(drained_pod) if listening else free_port()

    hook = await start_hook(port, write_token(tmp_path, token), seconds)

    assert await said(hook) == f"drain: left to SIGTERM, because the instance could not be asked ({why})\n"
