"""A counter that can be waited for: tells the load feed that something is different, however often it was."""

import asyncio


class Changes:
    """Counts changes."""

    def __init__(self) -> None:
        self.count = 0
        self._next = asyncio.Event()

    def note(self) -> None:
        """Count one and wake all who wait."""
        self.count += 1
        self._next.set()
        self._next = asyncio.Event()

    async def wait_beyond(self, count: int, timeout: float) -> None:
        """Return once there are more than `count`, or after `timeout` seconds."""
        if self.count > count:
            return
        try:
            await asyncio.wait_for(self._next.wait(), timeout)
        except TimeoutError:
            return
