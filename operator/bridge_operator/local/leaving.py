"""How a local run ends: everything is asked to drain, waited for within a bound, and whatever is left is ended."""

import asyncio
from typing import Any

from bridge_api.wire.instance import SlotState
from bridge_operator.local.instance import DRAIN_GRACE_SECONDS
from bridge_operator.local.router_child import RouterChild
from bridge_operator.local.supervisor import Supervisor
from bridge_runtime.logs import get_logger

REPORT_SECONDS = 10.0
"""A person who waits wants to hear about it, but not all the time."""

log = get_logger("operator")


async def leave(
    supervisor: Supervisor, router: RouterChild, *, ended: asyncio.Future[Any], now: asyncio.Event
) -> bool:
    """Drain, and return whether everything ended by itself; `ended` is done when it has, `now` cuts it short."""
    bound = max((pool.spec.drain.timeout_seconds for pool in supervisor.wanted.pools.values()), default=0)
    supervisor.drain()
    router.drain()
    hurried = asyncio.create_task(now.wait())
    either: list[asyncio.Future[Any]] = [ended, hurried]
    try:
        async with asyncio.timeout(bound + 2 * DRAIN_GRACE_SECONDS):
            while not ended.done() and not now.is_set():
                log.info("draining", waits_for=_waits_for(supervisor))
                await asyncio.wait(either, timeout=REPORT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        log.warning("the drain time is over")
    finally:
        hurried.cancel()
    if ended.done():
        return True
    log.warning("stopping at once", cuts_short=_waits_for(supervisor))
    await asyncio.gather(supervisor.stop(), router.stop())
    return False


def _waits_for(supervisor: Supervisor) -> str:
    waits = []
    for name, instance in supervisor.instances.items():
        chats = instance.status.count(SlotState.BUSY) if instance.status else 0
        waits.append(f"{name} ({chats} chat{'' if chats == 1 else 's'})" if chats else name)
    return ", ".join(waits) or "the router"
