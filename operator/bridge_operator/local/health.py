"""Notice that a child hangs, though its process is there: it no longer answers its liveness probe."""

import asyncio
from collections.abc import Callable

import aiohttp

from bridge_runtime.child import Child
from bridge_runtime.logs import get_logger

LOOK_SECONDS = 2.0
"""Between two looks: cheap, and an outage of the router is everybody's."""

ANSWER_SECONDS = 2.0
"""Longest wait for the answer to one look."""

HUNG_SECONDS = 10.0
"""Without an answer for so long it hangs; a loop that is merely busy answers in between."""

log = get_logger("operator")


async def kill_when_hung(
    child: Child, metrics_url: str, session: aiohttp.ClientSession, clock: Callable[[], float]
) -> None:
    """Look at the child for as long as it lives, and end it with all it started when it has hung for too long."""
    answered_at = clock()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if await _answers(session, f"{metrics_url}/healthz"):
            answered_at = clock()
        elif clock() - answered_at >= HUNG_SECONDS:
            log.warning("a process hangs and is ended", process=child.name, silent_seconds=HUNG_SECONDS)
            await child.kill()
            return


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as response:
            return response.ok
    except (aiohttp.ClientError, TimeoutError):
        return False
