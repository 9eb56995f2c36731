"""The processes below one of this machine: which are alive, and none left behind."""

import asyncio
import os
from contextlib import suppress

import psutil

from bridge_runtime.family import is_alive

POLL_SECONDS = 0.05


class ProcessTree:
    """Remembers every process that was seen below one, because orphans of a dead parent are below nobody."""

    def __init__(self, root: psutil.Process) -> None:
        self._root = root
        self._seen: set[psutil.Process] = set()

    def note(self) -> None:
        """Take down what is there now."""
        with suppress(psutil.NoSuchProcess):
            self._seen.update(self._root.children(recursive=True))

    async def end(self, grace_seconds: float) -> None:
        """Wait for all of them to be gone, and kill those that are not."""
        for _ in range(round(grace_seconds / POLL_SECONDS)):
            if not self._living():
                break
            await asyncio.sleep(POLL_SECONDS)
        self.kill()
        self._seen.clear()

    def kill(self) -> None:
        """Kill all of them at once."""
        self.note()
        for process in self._living():
            kill(process)

    def _living(self) -> list[psutil.Process]:
        return [process for process in self._seen if is_alive(process)]


class Deaths:
    """Tells at once when one of some processes ends, where the kernel can (Linux); who looks now and then sees it too."""

    def __init__(self) -> None:
        self._handles: dict[int, int] = {}
        self._news = asyncio.Event()

    def expect(self, process: psutil.Process) -> None:
        """Tell of this process too."""
        if process.pid in self._handles or not hasattr(os, "pidfd_open"):
            return
        with suppress(OSError):
            handle = os.pidfd_open(process.pid)
            self._handles[process.pid] = handle
            asyncio.get_running_loop().add_reader(handle, self._note, process.pid)

    async def wait(self, seconds: float) -> bool:
        """Wait for the next death, and say whether there was one within the time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        died = self._news.is_set()
        self._news.clear()
        return died

    def close(self) -> None:
        for number in list(self._handles):
            self._forget(number)

    def _note(self, number: int) -> None:
        self._forget(number)
        self._news.set()

    def _forget(self, number: int) -> None:
        handle = self._handles.pop(number)
        asyncio.get_running_loop().remove_reader(handle)
        os.close(handle)


def children() -> set[psutil.Process]:
    """Return the processes that this one has started."""
    return set(psutil.Process().children())


def kill(process: psutil.Process) -> None:
    """Kill a process that may be gone already."""
    with suppress(psutil.NoSuchProcess):
        process.kill()


def is_stopped(process: psutil.Process) -> bool:
    """Say whether the kernel lets a process do nothing at all."""
    try:
        stopped: bool = process.status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False
    return stopped
