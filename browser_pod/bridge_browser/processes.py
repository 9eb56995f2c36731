"""The processes below this one: which are alive, and none left behind."""

import asyncio

import psutil

from bridge_runtime.family import is_alive

POLL_SECONDS = 0.05


class ProcessTree:
    """Remembers every process that was seen below this one, because orphans of a dead parent are below nobody."""

    def __init__(self) -> None:
        self._seen: set[psutil.Process] = set()

    def note(self) -> None:
        """Take down what is there now."""
        self._seen.update(psutil.Process().children(recursive=True))

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
            _kill(process)

    def _living(self) -> list[psutil.Process]:
        return [process for process in self._seen if is_alive(process)]


def children() -> set[psutil.Process]:
    """Return the processes that this one has started."""
    return set(psutil.Process().children())


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
