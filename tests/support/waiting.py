"""Wait for a condition with a deadline, so that no test sleeps."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

Value = TypeVar("Value")

INTERVAL_SECONDS = 0.05


@overload
async def eventually(
    question: Callable[[], Awaitable[Value]], *, within_seconds: float = 15.0, what: str = "it"
) -> Value: ...


@overload
async def eventually(
    question: Callable[[], Value], *, within_seconds: float = 15.0, what: str = "it"
) -> Value: ...


async def eventually(
    question: Callable[[], Value | Awaitable[Value]], *, within_seconds: float = 15.0, what: str = "it"
) -> Value:
    """Ask until the answer is truthy, and return it.

    Raises:
        AssertionError: It was not within the time; the last answer is in the message.
    """
    answer: Value | None = None
    deadline = asyncio.get_running_loop().time() + within_seconds
    while asyncio.get_running_loop().time() < deadline:
        asked = question()
        answer = await asked if inspect.isawaitable(asked) else asked
        if answer:
            return answer
        await asyncio.sleep(INTERVAL_SECONDS)
    raise AssertionError(f"{what} did not come true within {within_seconds} s; last answer: {answer!r}")
