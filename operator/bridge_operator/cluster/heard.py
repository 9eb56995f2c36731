"""What an instance says of itself, as far as the operator decides on it: a small value, kept for each pod."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from bridge_api.wire.instance import InstanceStatus, SlotState
from bridge_operator.pod_client import CORDON_OWNER, our_cordon_until
from bridge_operator.status.instances import instance_troubles
from bridge_operator.status.reasons import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    boot: str = ""
    version: int = -1
    ready: bool = False
    slots: int = 0
    busy_slots: int = 0
    blocked: bool = False
    draining: bool = False
    cordon_until: float | None = None
    """When our cordon runs out; None: it has none of this term."""

    left_cordoned: bool = False
    """Whether an operator before us has cordoned it, and lives no more to take that back."""

    idle_since: float | None = None
    """Since when no slot is Busy; None: one is."""

    troubles: tuple[Trouble, ...] = ()
    connected: bool = True
    """Whether it is heard from now; otherwise the rest is what it said last."""

    def is_news(self, before: "Heard | None") -> bool:
        """Tell whether something is different that a decision may depend on."""
        if before is None:
            return True
        if self.cordon_until is not None and self.busy_slots != before.busy_slots:
            return True
        return _for_decisions(self) != _for_decisions(before)

    def lost(self) -> "Heard":
        return replace(self, connected=False, ready=False)

    def died(self, now: float) -> "Heard":
        """Return what remains when its process has ended: no chat, whatever it said last."""
        idle_since = now if self.idle_since is None else self.idle_since
        return replace(self.lost(), busy_slots=0, idle_since=idle_since, cordon_until=None)


class Word(NamedTuple):
    """All that is known of an instance by asking it."""

    heard: Heard | None = None
    """None: it has said nothing yet."""

    asked_until: float = float("-inf")
    """It is not asked for anything before."""

    unheard: str = ""
    """Why it has not been heard for a while."""


def take(status: InstanceStatus, before: Heard | None, *, epoch: int, now: float) -> Heard:
    """Make what is kept of a status; of two that cross on their way the older one is dropped."""
    if before is not None and before.boot == status.boot and status.version < before.version:
        return before
    busy = status.count(SlotState.BUSY)
    known_idle = before.idle_since if before is not None else None
    return Heard(
        boot=status.boot,
        version=status.version,
        ready=status.ready,
        slots=len(status.slots),
        busy_slots=busy,
        blocked=status.count(SlotState.NEEDS_HUMAN, SlotState.RATE_LIMITED) > 0,
        draining=status.draining,
        cordon_until=our_cordon_until(status, epoch, now),
        left_cordoned=any(one.owner == CORDON_OWNER and one.epoch < epoch for one in status.cordons),
        idle_since=None if busy else now if known_idle is None else known_idle,
        troubles=tuple(instance_troubles(status)),
    )


def _for_decisions(heard: Heard) -> tuple[object, ...]:
    return (
        heard.ready,
        heard.slots,
        heard.busy_slots > 0,
        heard.blocked,
        heard.draining,
        heard.cordon_until is None,
        heard.left_cordoned,
        heard.troubles,
        heard.connected,
    )
