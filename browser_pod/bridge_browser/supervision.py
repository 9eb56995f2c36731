"""Keep one slot living in one browser: whatever goes wrong in it costs its own page or context, not others' chats."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from bridge_browser.changes import Lives
from bridge_browser.driver_calls import SetUpFailed
from bridge_browser.health import Health
from bridge_browser.ladder import Decision, Ladder, Step
from bridge_browser.metrics import Metrics
from bridge_browser.sessions import Session
from bridge_browser.sites.base import ChatContext, Site
from bridge_browser.slots import Slot
from bridge_browser.watching import BrowserLost
from bridge_runtime.logs import get_logger

log = get_logger("slot")

OWN_STEPS: Final = frozenset({Step.PAGE, Step.CONTEXT})
"""What a slot can make anew without touching the other slots."""


@dataclass(frozen=True, slots=True)
class Care:
    """What those who look after an instance share."""

    metrics: Metrics
    health: Health
    random: Callable[[], float]
    no_chat_runs: Callable[[], Awaitable[None]]
    """Waits for that."""


async def keep_living(slot: Slot, site: Site, network: Lives, care: Care) -> None:
    """Have a slot live in one context after another, until cancelled.

    Raises:
        BrowserLost: No context can be had any more.
    """
    life = _SlotLife(slot, site, network, care)
    while True:
        decision = await life.one_context()
        if decision.step not in OWN_STEPS:
            # The other slots may be well: their chats end first, and if that takes long, the instance's health decides.
            await care.no_chat_runs()
            raise BrowserLost("browser")
        await asyncio.sleep(decision.delay_seconds)


class _SlotLife:
    def __init__(self, slot: Slot, site: Site, network: Lives, care: Care) -> None:
        self._slot = slot
        self._site = site
        self._network = network
        self._care = care
        self._ladder = Ladder(care.random)

    async def one_context(self) -> Decision:
        """Live in one context, and say what is to follow."""
        network = self._network.number
        try:
            async with self._site.context() as context:
                decision = await _unless(self._pages(context), self._network.end_of(network))
                return decision or self._failed(Step.CONTEXT, "NetworkLost")
        except SetUpFailed:
            return self._failed(Step.CONTEXT, "NoContext")
        except Exception as trouble:  # noqa: BLE001 - a defect that one slot meets must not end the others' chats
            self._care.metrics.crashes.labels("page").inc()
            # Its type only: the message of a foreign error may quote a chat.
            return self._failed(Step.CONTEXT, type(trouble).__name__)

    async def _pages(self, context: ChatContext) -> Decision:
        session = Session(_now())
        while True:
            decision = await self._one_page(context, session)
            if decision.step is not Step.PAGE:
                return decision
            await asyncio.sleep(decision.delay_seconds)

    async def _one_page(self, context: ChatContext, session: Session) -> Decision:
        try:
            async with context.page() as page:
                self._care.health.up(self._slot.number)
                over = await self._slot.use(page, session)
                if over is not None:
                    return self._recycled(over)
                self._care.metrics.crashes.labels("page").inc()
        except SetUpFailed:
            return self._failed(Step.PAGE, "NoPage")
        return self._failed(Step.PAGE, "PageLost")

    def _recycled(self, reason: str) -> Decision:
        self._care.metrics.recycles.labels(Step.CONTEXT.value, reason).inc()
        log.info("slot gets a fresh context", slot=self._slot.number, reason=reason)
        return Decision(Step.CONTEXT, reason, "the session is over")

    def _failed(self, step: Step, reason: str) -> Decision:
        now = _now()
        decision = self._ladder.after(step, reason, now, proved_at=self._slot.proved_at)
        self._care.health.failed(self._slot.number, reason, now)
        if decision.step in OWN_STEPS:
            self._care.metrics.recycles.labels(decision.step.value, reason).inc()
        log.warning(
            "slot heals", slot=self._slot.number, failed=step.value, why=decision.message, **_pause(decision)
        )
        return decision


def _pause(decision: Decision) -> dict[str, Any]:
    return {"reason": decision.reason, "in_seconds": round(decision.delay_seconds, 1)}


async def _unless(work: Coroutine[Any, Any, Decision], end: Coroutine[Any, Any, None]) -> Decision | None:
    """Do the work to its end; None: the other came first, and the work was cancelled."""
    working, ending = asyncio.ensure_future(work), asyncio.ensure_future(end)
    try:
        await asyncio.wait([working, ending], return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        ending.cancel()
        await asyncio.gather(working, ending, return_exceptions=True)


def _now() -> float:
    return asyncio.get_running_loop().time()
