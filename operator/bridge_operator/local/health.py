"""Notice that a child hangs, though its process is there: it no longer answers its liveness probe."""

import asyncio

import aiohttp

from bridge_runtime.child import Child
from bridge_runtime.logs import get_logger

LOOK_SECONDS = 2.0
"""Between two looks: cheap, and an outage of the router is everybody's."""

ANSWER_SECONDS = 2.0
"""Longest wait for the answer to one look."""

MISSED_ANSWERS = 3
"""So many in a row and it hangs, after about 12 s; a loop that is merely busy answers in between. They are counted, because
this process itself may have stood still."""

log = get_logger("operator")


async def kill_when_hung(child: Child, metrics_url: str, session: aiohttp.ClientSession) -> None:
    """Look at the child for as long as it lives, and end it with all it started when it hangs."""
    missed = 0
    while missed < MISSED_ANSWERS:
        await asyncio.sleep(LOOK_SECONDS)
        missed = 0 if await _answers(session, f"{metrics_url}/healthz") else missed + 1
    log.warning("a process hangs and is ended", process=child.name, missed_answers=missed)
    await child.kill()


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as response:
            return response.ok
    except (aiohttp.ClientError, TimeoutError):
        return False
