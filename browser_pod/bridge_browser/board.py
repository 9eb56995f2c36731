"""What an instance knows of its slots and cordons, and whether it takes a chat: decided at once, time is an argument."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.wire.instance import Cordon, CordonRequest, InstanceStatus, SiteModel, SlotState, SlotStatus
from bridge_browser.conversation import FreeSlot, choose_slot, holder, slot_to_open_anew
from bridge_browser.refusal import refusal_for

MAX_CORDON_OWNERS: Final = 32
"""Owners that are remembered: there are an operator and a few people."""


@dataclass(frozen=True, slots=True)
class SlotRecord:
    """A slot as the board has it."""

    state: SlotState = SlotState.STARTING
    reason: str = ""
    message: str = ""
    lease: str | None = None
    until: float | None = None
    """While RateLimited: when that ends."""

    conversation: str | None = None
    """While Ready: what its page holds."""


@dataclass(frozen=True, slots=True)
class Acquired:
    slot: int
    version: int
    """The version of the status that first shows it as Busy."""


@dataclass(frozen=True, slots=True)
class _HeldCordon:
    epoch: int
    until: float


class Board:
    """The state of one instance. Every change grows the version and is announced."""

    def __init__(self, identity: InstanceStatus, slots: int, on_change: Callable[[], None]) -> None:
        self._identity = identity
        self._slots = [SlotRecord() for _ in range(slots)]
        self._since = [0] * slots
        self._cordons: dict[str, _HeldCordon] = {}
        self._on_change = on_change
        self.version = 0
        self.started = False
        self.draining = False
        self.draining_reason = ""
        self.models: tuple[SiteModel, ...] = ()
        self.metrics_port = 0

    @property
    def slots(self) -> Sequence[SlotRecord]:
        return self._slots

    def acquire(self, lease: str | None, now: float, continues: str | None = None) -> Acquired:
        """Take a ready slot for a chat: where one holds the conversation that it goes on with, that one.

        Raises:
            BridgeError: There is none, or no new chat is taken.
        """
        self.refuse_if_closed(now)
        free = choose_slot(self._free(), continues)
        if free is None:
            raise self.refusal(now)
        self._put(free, SlotRecord(SlotState.BUSY, lease=lease))
        return Acquired(free, self.version)

    def holds(self, continues: str | None) -> bool:
        """Whether a ready slot's page holds a conversation."""
        return holder(self._free(), continues) is not None

    def slot_to_open_anew(self) -> int | None:
        """Name the slot whose page is to be given up for a new chat, where none has one open."""
        return slot_to_open_anew(self._free())

    def refusal(self, now: float) -> BridgeError:
        """Explain why no slot can take a chat."""
        return refusal_for(self._slot_statuses(now))

    def refuse_if_closed(self, now: float) -> None:
        """Raise the refusal of an instance that takes no chat, whatever its slots."""
        if self.draining:
            raise BridgeError(ErrorKind.DRAINING, "This instance is on its way out.", retry_after_seconds=1)
        self.expire(now)
        if self._cordons:
            owners = ", ".join(sorted(self._cordons))
            raise BridgeError(
                ErrorKind.CORDONED, f"This instance is cordoned by {owners}.", retry_after_seconds=1
            )

    def set(
        self, slot: int, state: SlotState, reason: str = "", message: str = "", *, until: float | None = None
    ) -> None:
        """Put a slot into a state; its lease ends unless it stays Busy, and what its page held is forgotten."""
        old = self._slots[slot]
        lease = old.lease if state is SlotState.BUSY else None
        record = SlotRecord(state, reason, message, lease, until)
        if record != old:
            self._put(slot, record)

    def keep(self, slot: int, conversation: str) -> None:
        """Make a slot Ready whose page holds a conversation."""
        self._put(slot, SlotRecord(SlotState.READY, conversation=conversation))

    def set_all(self, state: SlotState, reason: str = "", message: str = "") -> None:
        for slot in range(len(self._slots)):
            self.set(slot, state, reason, message)

    def learn_models(self, models: Sequence[SiteModel]) -> None:
        if tuple(models) != self.models:
            self.models = tuple(models)
            self._changed()

    def drain(self, reason: str = "") -> None:
        """Take no new chat from now on."""
        if not self.draining:
            self.draining = True
            self.draining_reason = reason
            self._changed()

    def cordon(self, request: CordonRequest, now: float) -> None:
        """Keep new chats away for a while, in the name of an owner.

        Raises:
            BridgeError: The owner has a later epoch already, or there are too many owners.
        """
        self.expire(now)
        self._refuse_old_epoch(request)
        if request.owner not in self._cordons and len(self._cordons) >= MAX_CORDON_OWNERS:
            raise BridgeError(ErrorKind.BAD_REQUEST, "Too many owners have cordoned this instance.")
        self._cordons[request.owner] = _HeldCordon(request.epoch, now + max(request.ttl_seconds, 0.0))
        self._changed()

    def uncordon(self, request: CordonRequest, now: float) -> None:
        """Lift the owner's own cordon; those of others stay."""
        self.expire(now)
        self._refuse_old_epoch(request)
        if self._cordons.pop(request.owner, None) is not None:
            self._changed()

    def expire(self, now: float) -> None:
        """Forget the cordons whose time is over."""
        held = {owner: cordon for owner, cordon in self._cordons.items() if cordon.until > now}
        if len(held) < len(self._cordons):
            self._cordons = held
            self._changed()

    def next_expiry(self) -> float | None:
        return min((cordon.until for cordon in self._cordons.values()), default=None)

    def status(self, now: float) -> InstanceStatus:
        self.expire(now)
        return self._identity.model_copy(
            update={
                "version": self.version,
                "started": self.started,
                "draining": self.draining,
                "draining_reason": self.draining_reason,
                "cordons": [
                    Cordon(owner=owner, epoch=cordon.epoch, ttl_seconds=cordon.until - now)
                    for owner, cordon in self._cordons.items()
                ],
                "slots": self._slot_statuses(now),
                "models": list(self.models),
                "metrics_port": self.metrics_port,
            }
        )

    def _slot_statuses(self, now: float) -> list[SlotStatus]:
        return [
            SlotStatus(
                slot=number,
                state=slot.state,
                reason=slot.reason,
                message=slot.message,
                lease=slot.lease,
                remaining_seconds=None if slot.until is None else max(0.0, slot.until - now),
                conversation=slot.conversation,
            )
            for number, slot in enumerate(self._slots)
        ]

    def _refuse_old_epoch(self, request: CordonRequest) -> None:
        held = self._cordons.get(request.owner)
        if held is not None and request.epoch < held.epoch:
            raise BridgeError(
                ErrorKind.BAD_REQUEST,
                f"Epoch {request.epoch} of {request.owner} is over: {held.epoch} was seen.",
                param="epoch",
            )

    def _free(self) -> list[FreeSlot]:
        return [
            FreeSlot(number, slot.conversation, self._since[number])
            for number, slot in enumerate(self._slots)
            if slot.state is SlotState.READY
        ]

    def _put(self, slot: int, record: SlotRecord) -> None:
        self._slots[slot] = record
        self.started = self.started or all(s.state is not SlotState.STARTING for s in self._slots)
        self._changed()
        self._since[slot] = self.version

    def _changed(self) -> None:
        self.version += 1
        self._on_change()
