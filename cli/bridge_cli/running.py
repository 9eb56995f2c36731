"""The life of `bridge up`: it starts the local backend, shows how the browsers start, and ends it again."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import click

from bridge_api.wire.local import Listening
from bridge_cli import api
from bridge_cli.progress import Glimpse, lines, settled, summary
from bridge_cli.screen import Screen
from bridge_runtime.child import Child, NotListening, started
from bridge_runtime.lifeline import Ending, watch_for_ending

LISTENING_SECONDS = 120.0
"""For two generations of Python to start, on a busy machine."""

GLIMPSE_SECONDS = 0.3
"""Between two looks at how the browsers start: soon enough for a person."""

STOP_SECONDS = 15.0
"""For the backend to end everything at once; then it is ended itself, with all it started."""


@dataclass(frozen=True, slots=True)
class Start:
    files: Sequence[str]
    host: str
    port: int
    debug: bool
    pools: int
    """How many pools the files hold."""

    secrets_dir: Path | None = None

    def command(self) -> Sequence[str]:
        return [
            *(sys.executable, "-m", "bridge_operator", "--local", "--lifeline", "--log-format", "console"),
            *("--log-level", "debug" if self.debug else "info"),
            *("--host", self.host, "--port", str(self.port), "--metrics-port", "0"),
            *(argument for file in self.files for argument in ("--file", file)),
            *(("--secrets-dir", str(self.secrets_dir)) if self.secrets_dir else ()),
        ]


async def run_until_ended(start: Start, *, lifeline: bool) -> int:
    """Run until the backend has ended, and return the exit code."""
    ending = watch_for_ending(lifeline=lifeline)
    with Screen() as screen:
        screen.say("starting the router and the browsers; Ctrl-C stops")
        async with started("backend", start.command(), say=screen.pass_on) as backend:
            showing = asyncio.create_task(_show_start(backend, screen, start.pools))
            try:
                return await _until_ended(backend, ending, screen)
            finally:
                showing.cancel()
                await asyncio.wait([showing])


async def _until_ended(backend: Child, ending: Ending, screen: Screen) -> int:
    exited = asyncio.create_task(backend.wait())
    asked, insisted = asyncio.create_task(ending.drain.wait()), asyncio.create_task(ending.now.wait())
    try:
        await asyncio.wait([exited, asked], return_when=asyncio.FIRST_COMPLETED)
        if not exited.done():
            screen.say("draining: running chats end first; a second Ctrl-C stops at once")
            backend.terminate()
            await asyncio.wait([exited, insisted], return_when=asyncio.FIRST_COMPLETED)
        if not exited.done():
            screen.say("stopping at once")
            backend.terminate()
            await asyncio.wait([exited], timeout=STOP_SECONDS)
        return _exit_code(exited.result(), asked=ending.drain.is_set()) if exited.done() else 1
    finally:
        for task in (exited, asked, insisted):
            task.cancel()


def _exit_code(code: int, *, asked: bool) -> int:
    """Return ours for the backend's: one that was asked to end before it could listen for that has done so."""
    return 0 if asked and code == -signal.SIGTERM else min(1, abs(code))


async def _show_start(backend: Child, screen: Screen, pools: int) -> None:
    try:
        listening = await backend.listening(LISTENING_SECONDS)
    except NotListening:
        return  # the backend has said why, and its exit code ends us
    async with api.client() as session:
        while True:
            glimpse = await _glimpse(session, listening)
            if glimpse is not None:
                screen.show(lines(glimpse))
                if settled(glimpse, pools):
                    break
            await asyncio.sleep(GLIMPSE_SECONDS)
    screen.finish()
    click.echo(summary(glimpse, listening.url, listening.metrics_url))


async def _glimpse(session: aiohttp.ClientSession, listening: Listening) -> Glimpse | None:
    try:
        # In this order, so that the pools' counts are no older than the instances that settle the wait.
        instances = await api.list_instances(session, listening.url)
        pools = await api.list_pools(session, listening.url)
    except (aiohttp.ClientError, TimeoutError, click.ClickException):
        return None  # the router is being started again: the next look tells
    return Glimpse(pools.pools, instances.instances)
