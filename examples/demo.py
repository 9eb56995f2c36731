"""`make demo` and `make up`: the demo site, a pool for it, one chat with the OpenAI SDK, and everything stopped again."""

import argparse
import asyncio
import os
import socket
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import click
import yaml

from bridge_api.names import ROUTER_PORT
from bridge_api.wire.admin import InstanceView
from bridge_cli import api
from bridge_cli.progress import Glimpse, lines, settled
from bridge_cli.screen import Screen
from bridge_runtime.child import Child, started
from bridge_runtime.lifeline import Ending, watch_for_ending

POOL = Path(__file__).with_name("demo.yaml")
CHAT = Path(__file__).with_name("chat.py")
QUESTION = "What is a bridge good for?"

READY_SECONDS = 120.0
"""Two browsers start in a few seconds; a busy machine is given more."""

ANSWER_SECONDS = 120.0
"""The demo site's answer takes about 6 seconds."""

STOP_SECONDS = 30.0
GLIMPSE_SECONDS = 0.3
LOG_LINES = 30
"""What a person needs to see of the log when something has failed."""


class Failed(Exception):
    """The demo cannot go on; the message says why."""


class Demo:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self.shows_log = False
        self._port = port

    def hear(self, name: str, line: str) -> None:
        """Keep a child's line, for the case that something fails."""
        self.log.append(f"{name} | {line}")
        if self.shows_log:
            print(line, flush=True)

    @asynccontextmanager
    async def running(self, folder: Path) -> AsyncIterator[tuple[Child, str]]:
        """Run the demo site and `bridge up`; yields the latter, and where the site is."""
        check_port(self._port)
        site_command = [sys.executable, "-m", "bridge_cli", "demo-site", "--port", "0", "--lifeline"]
        async with started("demo site", site_command, say=self.hear) as site:
            site_url = (await site.listening(READY_SECONDS)).url
            pool_file = folder / "pool.yaml"
            pool_file.write_text(make_pool(site_url, is_root=os.geteuid() == 0))
            up_command = [
                sys.executable,
                "-m",
                "bridge_cli",
                "up",
                "-f",
                str(pool_file),
                "--port",
                str(self._port),
            ]
            async with started("bridge up", [*up_command, "--lifeline"], say=self.hear) as up:
                yield up, site_url
                print(f"stopping; a chat that runs has {STOP_SECONDS:.0f} s to end", flush=True)
                up.terminate()
                with suppress(TimeoutError):
                    async with asyncio.timeout(STOP_SECONDS):
                        await up.wait()

    async def until_ready(self, up: Child) -> Sequence[InstanceView]:
        """Show how the browsers start until each has a first state; then each must be ready."""
        with Screen() as screen:
            glimpse = await self._glimpse()
            try:
                async with asyncio.timeout(READY_SECONDS):
                    while up.running and not settled(glimpse, pools_wanted=1):
                        screen.show(lines(glimpse))
                        await asyncio.sleep(GLIMPSE_SECONDS)
                        glimpse = await self._glimpse()
            except TimeoutError:
                raise Failed(f"the browsers were not ready in {READY_SECONDS:.0f} s") from None
            screen.show(lines(glimpse))
        if not up.running:
            raise Failed("bridge up has ended")
        if not all(instance.ready for instance in glimpse.instances):
            raise Failed("an instance is not ready")
        return glimpse.instances

    async def _glimpse(self) -> Glimpse:
        try:
            async with api.client() as session:
                instances = await api.list_instances(session, self.url)
                return Glimpse((await api.list_pools(session, self.url)).pools, instances.instances)
        except (aiohttp.ClientError, click.ClickException):
            return Glimpse((), ())  # it does not listen yet


def check_port(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as refused:
        raise Failed(
            f"port {port} on 127.0.0.1 is in use: stop what listens there, or choose another one, as in: make demo PORT=5200"
        ) from refused


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def make_pool(site_url: str, *, is_root: bool) -> str:
    """Fill the example in: where the site is, and, for root, that Chromium's sandbox cannot be used."""
    pool = yaml.safe_load(POOL.read_text())
    pool["spec"]["site"]["url"] = site_url
    if is_root:
        print("running as root, where Chromium has no sandbox: this pool gets browser.sandbox: Disabled")
        pool["spec"]["browser"] = {"sandbox": "Disabled"}
    return str(yaml.safe_dump(pool, sort_keys=False))


async def demonstrate(demo: Demo, folder: Path, ending: Ending, *, stay: bool) -> None:
    print("starting the demo site, the router and two browsers", flush=True)
    async with demo.running(folder) as (up, site_url):
        instances = await demo.until_ready(up)
        print()
        await chat(f"{demo.url}/v1")
        print(f"\nAPI        {demo.url}/v1\nDemo site  {site_url}")
        for instance in instances:
            print(f"Instance   {instance.instance} {instance.url}")
        if stay:
            print("Ctrl-C stops everything", flush=True)
            demo.shows_log = True
            await until_either(ending, up)
            demo.shows_log = False


async def chat(base_url: str) -> None:
    """Run the example chat; it writes to our own standard output, so that the answer is seen as it comes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(CHAT), QUESTION),
        env={**os.environ, "OPENAI_BASE_URL": base_url},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code != 0:
        raise Failed("the chat was not answered")


async def until_either(ending: Ending, up: Child) -> None:
    """Wait for Ctrl-C; an end of `bridge up` before it is a failure."""
    ended, asked = asyncio.create_task(up.wait()), asyncio.create_task(ending.drain.wait())
    try:
        await asyncio.wait([ended, asked], return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise Failed("bridge up has ended")
    finally:
        ended.cancel()
        asked.cancel()


async def main(port: int, *, stay: bool) -> int:
    ending, demo = watch_for_ending(lifeline=False), Demo(port or free_port())
    with tempfile.TemporaryDirectory(prefix="bridge-demo-") as folder:
        work = asyncio.create_task(demonstrate(demo, Path(folder), ending, stay=stay))
        interrupted = asyncio.create_task(ending.now.wait() if stay else ending.drain.wait())
        await asyncio.wait([work, interrupted], return_when=asyncio.FIRST_COMPLETED)
        for task in (work, interrupted):
            task.cancel()
        await asyncio.wait([work, interrupted])
    return verdict(work, demo)


def verdict(work: "asyncio.Task[None]", demo: Demo) -> int:
    """Say how it went, with the last of the log where it failed."""
    if work.cancelled():
        print("interrupted; everything has been stopped")
        return 1
    failure = work.exception()
    if failure is None:
        print("everything has been stopped")
        return 0
    for line in demo.log:
        print(line, file=sys.stderr)
    print(f"the demo failed: {str(failure) or 'it took too long'}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--port", type=int, default=ROUTER_PORT, help="port of the API on 127.0.0.1; 0: a free one"
    )
    parser.add_argument("--stay", action="store_true", help="stay until Ctrl-C")
    options = parser.parse_args()
    sys.exit(asyncio.run(main(options.port, stay=options.stay)))
