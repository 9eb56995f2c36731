"""`bridge up` as a real process: the real backend and router, with stand-ins for the browser pods."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from bridge_runtime.child import Child, started
from bridge_runtime.family import is_alive
from tests.integration.local.stage import POD, Stage, eventually, pool_text


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.pool_file.write_text(pool_text())
    return made


@asynccontextmanager
async def bridge_up(stage: Stage, *extra: str) -> AsyncIterator[Child]:
    command = [sys.executable, "-m", "bridge_cli", "up", "-f", str(stage.pool_file), "--port", "0", *extra]
    async with started("up", command, say=stage.hear, environment=stage.environment(POD)) as child:
        yield child


async def until_up(stage: Stage) -> None:
    await eventually(lambda: stage.said("API      http://127.0.0.1:"), f"a summary in {stage.log}")


async def test_it_shows_the_start_says_where_everything_is_and_drains_on_ctrl_c(stage: Stage) -> None:
    async with bridge_up(stage) as up:
        await until_up(stage)
        os.kill(up.pid, signal.SIGINT)
        code = await up.wait()

    assert code == 0
    assert stage.said("Ready, slots: 1 Ready")
    assert stage.said("2 of 2 instances ready")
    assert stage.said("draining: running chats end first; a second Ctrl-C stops at once")
    assert len(stage.journal("drains")) == 2
    assert stage.survivors() == []


async def test_a_second_ctrl_c_stops_at_once(stage: Stage) -> None:
    (stage.folder / "hold-drains").touch()
    async with bridge_up(stage) as up:
        await until_up(stage)
        os.kill(up.pid, signal.SIGINT)
        await eventually(lambda: len(stage.journal("drains")) == 2, "both drain")
        os.kill(up.pid, signal.SIGINT)
        async with asyncio.timeout(15):
            code = await up.wait()

    assert code == 1
    assert stage.survivors() == []


async def test_a_killed_bridge_up_leaves_nothing(stage: Stage) -> None:
    async with bridge_up(stage) as up:
        await until_up(stage)
        family = psutil.Process(up.pid).children(recursive=True)
        psutil.Process(up.pid).kill()
        await eventually(lambda: not any(is_alive(member) for member in family), "nothing of it is left")

    assert len(family) == 4


async def test_a_failed_start_is_exit_code_1_and_says_why(stage: Stage) -> None:
    async with bridge_up(stage, "--host", "192.0.2.1") as up:
        code = await up.wait()

    assert code == 1
    assert stage.said("choose an address of this machine with --host")


async def test_an_option_without_effect_is_said_to_have_none(stage: Stage) -> None:
    async with bridge_up(stage, "--no-dashboard", "--host", "192.0.2.1") as up:
        await up.wait()

    assert stage.said("--no-dashboard: there is no dashboard yet")
