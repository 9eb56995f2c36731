"""Does several things at once and leaves none of them behind: where one fails, the others are ended before that is told."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def together(steps: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return what the steps return, in their order.

    Raises:
        Exception: What the first step to fail has failed with, as it was: who decides on it need know of no group.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(step) for step in steps]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return [task.result() for task in tasks]
