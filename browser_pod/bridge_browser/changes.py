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
