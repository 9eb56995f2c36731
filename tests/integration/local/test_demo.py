"""`make demo` and `bridge up` as a person runs them: the real parts, with a real Chromium."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
import yaml

from bridge_runtime.child import Child, started
from bridge_runtime.family import is_alive
from tests.integration.local.stage import ROOT, eventually

pytestmark = pytest.mark.browser

DEMO_SECONDS = 90.0
"""It takes about 12 seconds; a busy machine is given more."""


@asynccontextmanager
async def demo(said: list[str], *arguments: str) -> AsyncIterator[Child]:
    command = [sys.executable, str(ROOT / "examples" / "demo.py"), *arguments]
    async with started("demo", command, say=lambda _, line: said.append(line)) as child:
        yield child


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_the_demo_prints_an_answer_and_where_everything_is_and_stops() -> None:
    said: list[str] = []
    port = free_port()
    async with demo(said, "--port", str(port)) as child, asyncio.timeout(DEMO_SECONDS):
        code = await child.wait()

    text = "\n".join(said)
    assert code == 0, text
    assert 'You said: "What is a bridge good for?". This is turn 1 of our conversation.' in text
    assert f"API        http://127.0.0.1:{port}/v1" in text
    assert text.count("Instance   demo-") == 2
    assert said[-1] == "everything has been stopped"


async def test_the_demo_names_a_port_in_use_and_what_to_do() -> None:
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with demo(said, "--port", str(port)) as child, asyncio.timeout(DEMO_SECONDS):
            code = await child.wait()

    assert code == 1
    assert f"port {port} on 127.0.0.1 is in use" in said[-1]


async def test_a_demo_that_stays_ends_with_ctrl_c() -> None:
    said: list[str] = []
    async with demo(said, "--port", str(free_port()), "--stay") as child, asyncio.timeout(DEMO_SECONDS):
        await eventually(lambda: "Ctrl-C stops everything" in said, "it stays", seconds=DEMO_SECONDS)
        os.kill(child.pid, signal.SIGINT)
        code = await child.wait()

    assert code == 0, said


@asynccontextmanager
async def bridge_up_with_chromium(folder: Path, said: list[str]) -> AsyncIterator[Child]:
    site_command = [sys.executable, "-m", "bridge_demo_site", "--port", "0", "--lifeline"]
    async with started("site", site_command, say=lambda _, __: None) as site:
        pool = yaml.safe_load((ROOT / "examples" / "demo.yaml").read_text())
        pool["spec"]["site"]["url"] = (await site.listening(DEMO_SECONDS)).url
        pool["spec"]["browser"] = {"sandbox": "Disabled" if os.geteuid() == 0 else "Required"}
        file = folder / "pool.yaml"
        file.write_text(yaml.safe_dump(pool))
        command = [sys.executable, "-m", "bridge_cli", "up", "-f", str(file), "--port", "0"]
        (folder / "tmp").mkdir()
        environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
        async with started(
            "up", command, say=lambda _, line: said.append(line), environment=environment
        ) as up:
            await eventually(
                lambda: any("2 of 2 instances ready" in line for line in said),
                "a summary",
                seconds=DEMO_SECONDS,
            )
            yield up


def browsers_of(family: list[psutil.Process]) -> list[psutil.Process]:
    return [member for member in family if "chrom" in member.name()]


async def test_a_killed_bridge_up_leaves_no_browser(tmp_path: Path) -> None:
    said: list[str] = []
    async with bridge_up_with_chromium(tmp_path, said) as up:
        family = psutil.Process(up.pid).children(recursive=True)
        assert browsers_of(family)
        psutil.Process(up.pid).kill()
        await eventually(lambda: not any(map(is_alive, family)), "nothing of it is left", seconds=30)
        assert not list((tmp_path / "tmp").iterdir())


async def test_a_killed_instance_leaves_no_browser_and_is_back(tmp_path: Path) -> None:
    said: list[str] = []
    async with bridge_up_with_chromium(tmp_path, said) as up:
        pods = [
            one for one in psutil.Process(up.pid).children(recursive=True) if "--instance" in one.cmdline()
        ]
        victim = pods[0]
        name = victim.cmdline()[victim.cmdline().index("--instance") + 1]
        assert list((tmp_path / "tmp").glob(f"*/tmp-{name[-5:]}"))
        family = victim.children(recursive=True)
        assert browsers_of(family)
        victim.kill()
        await eventually(lambda: not any(map(is_alive, family)), "its browser is gone", seconds=30)
        await eventually(
            lambda: any("an instance died" in line for line in said),
            "it is replaced",
            seconds=30,
        )
        assert not list((tmp_path / "tmp").glob(f"*/tmp-{name[-5:]}"))
