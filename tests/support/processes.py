"""Start the parts as real processes, and see that they leave nothing behind."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.waiting import eventually


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Part:
    """A process of ours with its log file; ends with the block it was started in."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self.log = log
        self._seen: dict[int, psutil.Process] = {}

    @classmethod
    async def start(
        cls, arguments: Sequence[str], log: Path, *, environment: Mapping[str, str] | None = None
    ) -> "Part":
        """Start `python -m …` with standard output and error going to `log`."""
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        return cls(process, log)

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def tree(self) -> list[psutil.Process]:
        """Return this process and all below it, and remember them."""
        try:
            root = psutil.Process(self.process.pid)
            found = [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            found = []
        self._seen |= {process.pid: process for process in found}
        return found

    def left_behind(self) -> list[str]:
        """Name the processes seen in the tree that still run."""
        left = []
        for process in self._seen.values():
            with suppress(psutil.NoSuchProcess):
                if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    left.append(f"{process.pid} {process.name()}")
        return left

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ended(self, *, within_seconds: float = 30.0) -> int:
        """Wait for the end and return the exit code."""
        async with asyncio.timeout(within_seconds):
            return await self.process.wait()

    async def kill(self) -> None:
        """End it at once, as a crash does."""
        if self.process.returncode is None:
            self.process.kill()
            await self.ended()
        if self.process.stdin is not None:
            self.process.stdin.close()

    async def stop(self) -> None:
        """Ask to end, insist, and see that nothing stays."""
        self.tree()
        if self.process.returncode is None:
            self.send(signal.SIGTERM)
            try:
                await self.ended(within_seconds=20)
            except TimeoutError:
                self.process.kill()
                await self.ended()
        if self.process.stdin is not None:
            self.process.stdin.close()
        await eventually(
            lambda: not self.left_behind(), what=f"the end of everything below {self.process.pid}"
        )
