"""Keep one slot living in one browser: whatever goes wrong in it costs its own context, not the other slots' chats."""

import asyncio
from typing import Final

from bridge_browser.browser import BrowserLost, SetUpFailed
from bridge_browser.metrics import Metrics
from bridge_browser.recovery import BackOff
from bridge_browser.sites.base import Site
from bridge_browser.slots import Slot
from bridge_runtime.logs import get_logger

log = get_logger("slot")

FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0
STEADY_SECONDS: Final = 60.0
"""A context that has lived so long worked: what ends it is not the same trouble again."""

SET_UPS: Final = 3
"""So many contexts or pages in a row that could not be had, and the browser is taken for lost though its process lives."""


async def keep_living(slot: Slot, site: Site, metrics: Metrics, pauses: BackOff | None = None) -> None:
    """Have a slot live in one context after another, until cancelled.

    Raises:
        BrowserLost: No context can be had any more.
    """
    pauses = pauses or BackOff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
    failed_set_ups = 0
    while True:
        begun = _now()
        trouble = await _one_context(slot, site)
        metrics.crashes.labels("page").inc()
        # Its type only: the message of a foreign error may quote a chat.
        log.warning("page lost", slot=slot.number, error=type(trouble).__name__)
        if _now() - begun > STEADY_SECONDS:
            pauses.reset()
            failed_set_ups = 0
        failed_set_ups = failed_set_ups + 1 if isinstance(trouble, SetUpFailed) else 0
        if failed_set_ups >= SET_UPS:
            raise BrowserLost("browser") from trouble
        await asyncio.sleep(pauses.next_delay())


async def _one_context(slot: Slot, site: Site) -> Exception:
    """Live in one context and return what has ended that."""
    try:
        async with site.context() as context:
            await slot.live(context)
    except BrowserLost:
        raise
    except Exception as trouble:  # noqa: BLE001 - a defect that one slot meets must not end the others' chats
        return trouble
    return RuntimeError("a slot ended of itself")


def _now() -> float:
    return asyncio.get_running_loop().time()
