"""The life of an instance's browser: browser after browser, driver after driver, until none can be had."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bridge_api.proxy import Proxy
from bridge_api.wire.instance import LASTING_REASONS, SlotState
from bridge_browser.board import Board
from bridge_browser.browser import Browser
from bridge_browser.egress import EgressChanged, read_egress, until_changed
from bridge_browser.health import BROWSER, Condition
from bridge_browser.ladder import LONGEST_PAUSE_SECONDS, Decision, Ladder, Step
from bridge_browser.launching import CannotLaunch, Driver, LaunchPlan, running_browser, running_driver
from bridge_browser.live_pool import LivePool
from bridge_browser.processes import ProcessTree
from bridge_browser.recovery import BackOff
from bridge_browser.sites.registry import make_site
from bridge_browser.slots import Slot
from bridge_browser.supervision import Care, keep_living
from bridge_browser.watching import BrowserLost
from bridge_runtime.logs import get_logger

log = get_logger("instance")


class GivenUp(Exception):
    """The instance is of no use any more, and another one may be; `reason` is one word."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Means:
    """What an instance has to make a browser with."""

    chromium: Path | None
    proxy_dir: Path | None


class Life:
    def __init__(self, pool: LivePool, board: Board, slots: Sequence[Slot], care: Care, means: Means) -> None:
        self.processes = ProcessTree(psutil.Process())
        self._pool = pool
        self._board = board
        self._slots = slots
        self._care = care
        self._means = means
        self._ladder = Ladder(care.random)
        self._lasting = BackOff(0.5, LONGEST_PAUSE_SECONDS, care.random)

    async def run(self) -> None:
        """Keep a browser running, until cancelled; then close it.

        Raises:
            GivenUp: Not even a new driver helps.
        """
        while True:
            decision = await self._one_driver()
            if decision.step is Step.INSTANCE:
                raise GivenUp(decision.reason, decision.message)
            await asyncio.sleep(decision.delay_seconds)

    async def judge(self) -> GivenUp:
        """Judge the instance's health at each interval, and return why it must be replaced, once it must."""
        while True:
            await asyncio.sleep(self._pool.spec.health.interval_seconds)
            answered_at = [slot.answered_at for slot in self._slots]
            judgement = self._care.health.judge(self._pool.spec.health.failure_threshold, answered_at)
            if judgement.condition is Condition.GIVEN_UP:
                return GivenUp(judgement.reason, judgement.message)
            if judgement.condition is Condition.FAILING:
                log.warning("instance fails", reason=judgement.reason, why=judgement.message)

    async def _one_driver(self) -> Decision:
        try:
            async with running_driver(self.processes) as driver:
                while True:
                    decision = await self._one_browser(driver)
                    if decision.step is not Step.BROWSER:
                        return decision
                    await asyncio.sleep(decision.delay_seconds)
        except CannotLaunch as failed:
            return self._not_launched(Step.DRIVER, failed)

    async def _one_browser(self, driver: Driver) -> Decision:
        try:
            egress = read_egress(self._means.proxy_dir)
            plan = LaunchPlan(self._pool.spec.browser, self._means.chromium, egress)
            async with running_browser(driver, plan, self._crashed) as browser:
                return await self._live_in(browser, egress)
        except CannotLaunch as failed:
            return self._not_launched(Step.BROWSER, failed)

    def _crashed(self, kind: str) -> None:
        self._care.metrics.crashes.labels(kind).inc()

    async def _live_in(self, browser: Browser, egress: Proxy | None) -> Decision:
        """Live in one browser, and say what is to follow."""
        log.info("browser started")
        self._care.health.up(BROWSER)
        self._lasting.reset()
        site = make_site(browser, self._pool.spec.site)
        kind = None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(browser.watch.look())
                tasks.create_task(browser.watch.ask())
                tasks.create_task(self._watch_egress(egress))
                for slot in self._slots:
                    tasks.create_task(keep_living(slot, site, browser.watch.network, self._care))
        except* BrowserLost as lost:
            kind = _kind(lost)
        except* EgressChanged:
            log.info("the proxy's Secret has changed: the browser starts anew")
        finally:
            self._board.set_all(SlotState.STARTING)
        return self._after(kind)

    def _after(self, kind: str | None) -> Decision:
        if kind is None:
            self._care.metrics.recycles.labels(Step.BROWSER.value, "EgressChanged").inc()
            return Decision(Step.BROWSER, "EgressChanged", "the proxy's Secret has changed")
        self._crashed(kind)
        if kind == "driver":
            return self._failed(Step.DRIVER, "DriverLost")
        return self._failed(Step.BROWSER, "BrowserLost")

    async def _watch_egress(self, egress: Proxy | None) -> None:
        """Have a browser with the old proxy end as soon as no chat runs in it."""
        if self._means.proxy_dir is None:
            return
        await until_changed(self._means.proxy_dir, egress)
        await self._care.no_chat_runs()
        self._board.set_all(SlotState.STARTING)
        raise EgressChanged

    def _not_launched(self, step: Step, failed: CannotLaunch) -> Decision:
        self._board.set_all(SlotState.BROKEN, failed.reason, failed.message)
        if failed.reason not in LASTING_REASONS:
            return self._failed(step, failed.reason, failed.message)
        self._care.health.up(BROWSER)  # what was lost before is not what keeps it from starting
        log.warning("browser cannot start", reason=failed.reason, message=failed.message)
        return Decision(Step.DRIVER, failed.reason, failed.message, self._lasting.next_delay())

    def _failed(self, step: Step, reason: str, detail: str = "") -> Decision:
        proved_at = max(slot.proved_at for slot in self._slots)
        now = _now()
        decision = self._ladder.after(step, reason, now, proved_at=proved_at)
        self._care.health.failed(BROWSER, reason, now)
        self._care.metrics.recycles.labels(decision.step.value, reason).inc()
        log.warning(
            "instance heals",
            failed=step.value,
            reason=reason,
            why=f"{decision.message} {detail}".strip(),
            in_seconds=round(decision.delay_seconds, 1),
        )
        return decision


def _kind(lost: BaseExceptionGroup[BrowserLost]) -> str:
    first = lost.exceptions[0]
    return first.kind if isinstance(first, BrowserLost) else "browser"


def _now() -> float:
    return asyncio.get_running_loop().time()
