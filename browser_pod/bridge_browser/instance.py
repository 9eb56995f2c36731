"""An instance: its slots, what is known of them, and the chats that they are given."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge_api.pool import template_hash
from bridge_api.wire.instance import InstanceStatus, SlotState
from bridge_browser.board import Acquired, Board
from bridge_browser.changes import Changes
from bridge_browser.chats import Chat, Message
from bridge_browser.health import Health
from bridge_browser.life import GivenUp, Life, Means
from bridge_browser.limit import Limit
from bridge_browser.live_pool import LivePool
from bridge_browser.metrics import make_metrics
from bridge_browser.sites.base import CatalogModel
from bridge_browser.slots import Slot, SlotTools
from bridge_browser.supervision import Care


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
        tools = SlotTools(
            self.board,
            self.metrics,
            pool,
            self._learn_models,
            Limit(),
            self._keep_one_new_chat_open,
        )
        self._slots = [Slot(number, tools) for number in range(pool.spec.slots)]
        care = Care(self.metrics, Health(), random.random, self._no_chat_runs)
        means = Means(place.chromium, place.proxy_dir)
        self._life = Life(pool, self.board, self._slots, care, means)

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

    async def drained(self, reason: str = "") -> None:
        """Wait until no chat runs; new ones are refused from now on. A reason is one word; none: it was asked to."""
        self.board.drain(reason)
        await self._no_chat_runs()

    async def _no_chat_runs(self) -> None:
        while any(slot.state is SlotState.BUSY for slot in self.board.slots):
            await self.changes.wait()

    def kill(self) -> None:
        """Kill the browser at once; whoever cancels `live` then waits for nothing."""
        self._life.processes.kill()

    async def live(self) -> None:
        """Keep a browser running, until cancelled; then close it.

        Raises:
            GivenUp: None can be had any more.
        """
        await self._life.run()

    async def failing(self) -> GivenUp:
        """Wait until the instance has failed so often that it must be replaced, and return why."""
        return await self._life.judge()

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


def _now() -> float:
    return asyncio.get_running_loop().time()
