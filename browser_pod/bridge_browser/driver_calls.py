"""Calls to the Playwright driver, each with a deadline: a hung renderer, browser or driver answers never."""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from playwright.async_api import Error as PlaywrightError

DEADLINE_SECONDS: Final = 15.0
"""For what should take milliseconds, and on a machine with much to do takes seconds."""

CLOSE_SECONDS: Final = 5.0

T = TypeVar("T")


class SetUpFailed(Exception):
    """A context or a page could not be had; whether the browser is dead is for its processes to show."""


async def within(seconds: float, call: Awaitable[T]) -> T:
    """Wait for a call to the driver, but not for ever.

    Raises:
        TimeoutError: It took too long.
    """
    async with asyncio.timeout(seconds):
        return await call


async def needed(call: Awaitable[T]) -> T:
    """Make a call without which there is no page.

    Raises:
        SetUpFailed: It failed, or was not answered.
    """
    try:
        return await within(DEADLINE_SECONDS, call)
    except (PlaywrightError, TimeoutError) as failed:
        raise SetUpFailed from failed


async def close(closing: Awaitable[None]) -> None:
    """Close what may be dead already: its processes are killed afterwards in any case."""
    try:
        await within(CLOSE_SECONDS, closing)
    except (PlaywrightError, TimeoutError):
        return
