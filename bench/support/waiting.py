"""Wait for what other processes do, by looking often."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Value = TypeVar("Value")

LOOK_SECONDS = 0.02


class DidNotHappen(Exception):
    """It was not so within the time."""


async def until(look: Callable[[], Awaitable[Value | None]], *, within_seconds: float, what: str) -> Value:
    """Look until what is seen is truthy, and return it.

    Raises:
        DidNotHappen: The time is over.
    """
    try:
        async with asyncio.timeout(within_seconds):
            while True:
                if seen := await look():
                    return seen
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise DidNotHappen(f"{what}: not within {within_seconds:g} s") from None
