"""The life of an instance: a browser is started, its slots live in it, and both are started anew when it dies."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge_api.pool import template_hash
from bridge_api.proxy import Proxy
from bridge_api.wire.instance import InstanceStatus, SlotState
from bridge_browser.board import Acquired, Board
from bridge_browser.browser import Browser, BrowserLost, CannotLaunch, running_browser
from bridge_browser.changes import Changes
from bridge_browser.chats import Chat, Message
from bridge_browser.egress import EgressChanged, read_egress, until_changed
from bridge_browser.limit import Limit
from bridge_browser.live_pool import LivePool
from bridge_browser.metrics import make_metrics
from bridge_browser.processes import ProcessTree
from bridge_browser.recovery import BackOff
from bridge_browser.sites.base import CatalogModel
from bridge_browser.sites.registry import make_site
from bridge_browser.slots import Slot, SlotTools
from bridge_browser.supervision import keep_living
from bridge_runtime.logs import get_logger

log = get_logger("instance")

LONGEST_BACK_OFF_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A browser that has lived so long was no failed start: the next one is started at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which instance this is, and where its browser may be."""

    name: str
    boot: str
    chromium: Path | None
    client_buffer_bytes: int
    profile: str = ""
    proxy_dir: Path | None = None
    """Where the keys of the profile's proxy are; None: it has no proxy."""


class Instance:
    def __init__(self, pool: LivePool, place: Place) -> None:
        self.pool = pool
        self.name = place.name
        self.changes = Changes()
        self.board = Board(_identity(pool, place), pool.spec.slots, self.changes.announce)
        self.metrics = make_metrics(lambda: [slot.state for slot in self.board.slots])
        self._place = place
        self._models: dict[str, CatalogModel] = {}
        self._tree = ProcessTree()
        tools = SlotTools(
            self.board,
            self.metrics,
            pool,
            self._learn_models,
            Limit(),
            self._keep_one_new_chat_open,
        )
        self._slots = [Slot(number, tools) for number in range(pool.spec.slots)]

    def status(self) -> InstanceStatus:
        return self.board.status(_now())

    def model(self, name: str) -> CatalogModel | None:
        """Find a model by the site's name for it."""
        return self._models.get(name)

    def begin(self, message: Message, lease: str | None) -> tuple[Chat, Acquired]:
        """Take a slot and have the message answered in it.

        Raises:
            BridgeError: No slot takes a chat now, or it is too long for the page that would.
        """
        continues = message.thread.continues if message.thread else None
        message.text_to_type(further=self.board.holds(continues))
        acquired = self.board.acquire(lease, _now(), continues)
        chat = Chat(message, max_held_bytes=self._place.client_buffer_bytes)
        self._slots[acquired.slot].take(chat)
        self._keep_one_new_chat_open()
        return chat, acquired

    async def check(self) -> None:
        """Have every idle and every blocked page looked at now."""
        await asyncio.gather(*(slot.check() for slot in self._slots))

    async def drained(self) -> None:
        """Wait until no chat runs; new ones are refused from now on."""
        self.board.drain()
        await self._no_chat_runs()

    async def _no_chat_runs(self) -> None:
        while any(slot.state is SlotState.BUSY for slot in self.board.slots):
            await self.changes.wait()

    def kill(self) -> None:
        """Kill the browser at once; whoever cancels `live` then waits for nothing."""
        self._tree.kill()

    async def live(self) -> None:
        """Keep a browser running, until cancelled; then close it."""
        back_off = BackOff(0.5, LONGEST_BACK_OFF_SECONDS)
        while True:
            begun = _now()
            try:
                await self._one_browser()
            except CannotLaunch as failed:
                log.warning("browser does not start", reason=failed.reason, message=failed.message)
                self.board.set_all(SlotState.BROKEN, failed.reason, failed.message)
            if _now() - begun > STEADY_SECONDS:
                back_off.reset()
            await asyncio.sleep(back_off.next_delay())

    async def _one_browser(self) -> None:
        """Live through one browser, from its start to its death."""
        egress = read_egress(self._place.proxy_dir)
        running = running_browser(self.pool.spec.browser, self._place.chromium, self._tree, egress)
        async with running as browser:
            log.info("browser started")
            site = make_site(browser, self.pool.spec.site)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._watch(browser))
                    tasks.create_task(self._watch_egress(egress))
                    for slot in self._slots:
                        tasks.create_task(keep_living(slot, site, self.metrics))
            except* BrowserLost as lost:
                kind = _kind(lost)
                self.metrics.crashes.labels(kind).inc()
                log.warning("browser lost", kind=kind)
            except* EgressChanged:
                log.info("the proxy's Secret has changed: the browser starts anew")

    async def _watch_egress(self, egress: Proxy | None) -> None:
        """Have a browser with the old proxy end as soon as no chat runs in it."""
        if self._place.proxy_dir is None:
            return
        await until_changed(self._place.proxy_dir, egress)
        await self._no_chat_runs()
        self.board.set_all(SlotState.STARTING)
        raise EgressChanged

    async def _watch(self, browser: Browser) -> None:
        try:
            await browser.watch(self._tree)
        finally:
            self.board.set_all(SlotState.STARTING)

    def _keep_one_new_chat_open(self) -> None:
        """Have a first message find an open new chat, where there are slots enough."""
        slot = self.board.slot_to_open_anew()
        if slot is not None:
            self._slots[slot].open_anew()

    def _learn_models(self, models: Sequence[CatalogModel]) -> None:
        self._models = {model.offered.id: model for model in models}
        self.board.learn_models([model.offered for model in models])


def _identity(pool: LivePool, place: Place) -> InstanceStatus:
    return InstanceStatus(
        instance=place.name,
        pool=pool.key,
        boot=place.boot,
        version=0,
        profile=place.profile,
        template_hash=template_hash(pool.spec, place.profile),
    )


def _kind(lost: BaseExceptionGroup[BrowserLost]) -> str:
    first = lost.exceptions[0]
    return first.kind if isinstance(first, BrowserLost) else "browser"


def _now() -> float:
    return asyncio.get_running_loop().time()
