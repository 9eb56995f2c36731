"""Waiting for the next change of something that many look at."""

import asyncio


class Changes:
    """Everybody who waits when a change is announced goes on."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def announce(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, timeout_seconds: float | None = None) -> None:
        """Wait for the next change, or until the time is over."""
        event = self._next
        try:
            async with asyncio.timeout(timeout_seconds):
                await event.wait()
        except TimeoutError:
            return


class Lives:
    """Counts the lives of something that is replaced when it dies."""

    def __init__(self) -> None:
        self.number = 0
        self._changes = Changes()

    def begin_next(self) -> None:
        self.number += 1
        self._changes.announce()

    async def end_of(self, number: int) -> None:
        """Wait until a life is over, at once where it is."""
        while self.number == number:
            await self._changes.wait()
