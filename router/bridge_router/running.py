"""The chats under way, so that a router can end without cutting one."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Running:
    """The chats under way, and whether new ones are taken."""

    def __init__(self) -> None:
        self.draining = False
        self.feeds_end = asyncio.Event()
        """Set when the last chat is over: whoever follows the load feed has seen it."""

        self._tasks: set[asyncio.Task[object]] = set()
        self._none = asyncio.Event()
        self._none.set()

    def __len__(self) -> int:
        return len(self._tasks)

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count the current task as a chat."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a chat runs in a task")
        self._tasks.add(task)
        self._none.clear()
        try:
            yield
        finally:
            self._tasks.discard(task)
            if not self._tasks:
                self._none.set()

    async def none(self) -> None:
        """Wait until no chat is left."""
        await self._none.wait()

    def cancel_all(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
