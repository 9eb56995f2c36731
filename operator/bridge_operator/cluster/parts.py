"""Runs the parts of the operator until one of them ends or somebody asks, and leaves none behind."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any


async def run_together(
    parts: Mapping[str, Coroutine[Any, Any, None]],
    asked: asyncio.Event,
    close: Callable[[], Awaitable[None]],
) -> None:
    """Run the parts by name; `close` is called when all have ended, and then what one of them has failed with is raised."""
    tasks = [asyncio.create_task(part, name=name) for name, part in parts.items()]
    asking = asyncio.create_task(asked.wait())
    try:
        await asyncio.wait([*tasks, asking], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (asking, *tasks):
            task.cancel()
        try:
            await asyncio.gather(asking, *tasks, return_exceptions=True)
        finally:
            await close()
    for task in tasks:
        if not task.cancelled():
            task.result()
