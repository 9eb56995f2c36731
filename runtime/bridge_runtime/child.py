"""A child process: started with a lifeline, heard on its standard output and error, ended with all it started."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import psutil
from pydantic import ValidationError

from bridge_api.wire.local import Listening
from bridge_runtime.family import family, is_alive, marked

LONGEST_LINE_BYTES = 1 << 20
"""A longer line of a child is cut, because it is held whole."""

LAST_WORDS_SECONDS = 1.0
"""How long to read what an ended child had written: a grandchild may hold the pipe open for ever."""

KILL_SECONDS = 5.0
"""The kernel ends a killed process within this, unless it hangs in a device."""

POLL_SECONDS = 0.02

Say = Callable[[str, str], None]
"""Takes a child's name and a line that it has written."""


class NotListening(Exception):
    """A child ended, or was silent for too long, before it listened."""


class Child:
    """A running child; made by `started`."""

    def __init__(self, name: str, mark: str, transport: asyncio.SubprocessTransport, ears: "_Ears") -> None:
        self.name = name
        self.pid = transport.get_pid()
        self._mark = mark
        self._transport = transport
        self._ears = ears

    @property
    def running(self) -> bool:
        return not self._ears.exited.is_set()

    async def listening(self, timeout_seconds: float) -> Listening:
        """Wait for the line that says where the child listens.

        Raises:
            NotListening: It ended first, or the time is over.
        """
        exit_watch = asyncio.create_task(self._ears.exited.wait())
        either: list[asyncio.Future[Any]] = [exit_watch, self._ears.listening]
        try:
            await asyncio.wait(either, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            exit_watch.cancel()
        if self._ears.listening.done():
            return self._ears.listening.result()
        if self.running:
            raise NotListening(f"{self.name} did not listen within {timeout_seconds:g} s")
        await self._last_words()
        how = describe_exit(self._transport.get_returncode())
        raise NotListening(f"{self.name} ended before it listened ({how})")

    async def wait(self) -> int:
        """Wait for the end, however long the child lives, and return the exit code (-N: signal N)."""
        await self._ears.exited.wait()
        await self._last_words()
        return self._transport.get_returncode() or 0

    def terminate(self) -> None:
        """Ask the child to drain (SIGTERM)."""
        if self.running:
            with suppress(ProcessLookupError):
                self._transport.terminate()

    async def kill(self) -> None:
        """End the child and everything that it started, at once."""
        members = family(self._mark)
        for member in members:
            with suppress(psutil.Error):
                member.kill()
        if self.running:
            with suppress(ProcessLookupError):
                self._transport.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(KILL_SECONDS):
                await self._ears.exited.wait()
            async with asyncio.timeout(KILL_SECONDS):
                while any(is_alive(member) for member in members):  # noqa: ASYNC110 - other's children tell us nothing
                    await asyncio.sleep(POLL_SECONDS)
        await self._last_words()

    def close(self) -> None:
        """Close the pipes to an ended child."""
        self._transport.close()

    async def _last_words(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await self._ears.silent.wait()


class _Ears(asyncio.SubprocessProtocol):
    """Hears what a child writes, line by line, and when it ends."""

    def __init__(self, name: str, say: Say) -> None:
        self.listening: asyncio.Future[Listening] = asyncio.get_running_loop().create_future()
        self.exited = asyncio.Event()
        self.silent = asyncio.Event()
        self._name = name
        self._say = say
        self._rests = {1: b"", 2: b""}

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        *lines, rest = (self._rests[fd] + data).split(b"\n")
        self._rests[fd] = rest[:LONGEST_LINE_BYTES]
        for line in lines:
            self._take(fd, line)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        del exc
        rest = self._rests.pop(fd, None)
        if rest:
            self._take(fd, rest)
        if not self._rests:
            self.silent.set()

    def process_exited(self) -> None:
        self.exited.set()

    def _take(self, fd: int, raw: bytes) -> None:
        line = raw.decode(errors="replace").rstrip()
        if fd == 1 and not self.listening.done():
            with suppress(ValidationError):
                self.listening.set_result(Listening.model_validate_json(line))
                return
        if line:
            self._say(self._name, line)


@asynccontextmanager
async def started(
    name: str,
    command: Sequence[str],
    *,
    say: Say,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Child]:
    """Run a child for the time of a block; at the block's end nothing of it is left.

    Its standard input is a pipe that nobody writes to: it ends when this process does (`--lifeline`). A session of its
    own keeps the terminal's Ctrl-C from it, so that its parent decides when it drains.
    """
    marked_environment, mark = marked(environment)
    transport, ears = await asyncio.get_running_loop().subprocess_exec(
        lambda: _Ears(name, say),
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env=marked_environment,
    )
    child = Child(name, mark, transport, ears)
    try:
        yield child
    finally:
        try:
            await child.kill()
        finally:
            child.close()


def describe_exit(code: int | None) -> str:
    """Say how a process ended."""
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"ended by {signal.Signals(-code).name}"
    return f"exit code {code}"
