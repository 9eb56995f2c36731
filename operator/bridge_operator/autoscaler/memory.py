"""What the autoscaler remembers of a pool: which numbers were wished for lately, and what was changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

LONGEST_PERIOD_SECONDS = 3600.0
"""No window or period of the spec is longer: what is older counts for nothing."""


class Change(NamedTuple):
    """What was added (positive) or removed (negative), and when (seconds of a steady clock)."""

    at: float
    delta: int


@dataclass(frozen=True, slots=True)
class Memory:
    """The past of one pool. A fresh one must know the number it starts from, or a start would look like a lull."""

    last_wished: Mapping[int, float]
    """Number of instances → when it was last recommended. That is all a window asks for."""

    changes: tuple[Change, ...] = ()
    """The latest changes of the wanted number."""

    @classmethod
    def begin(cls, current: int, now: float) -> "Memory":
        """Begin with the number that is there, as HorizontalPodAutoscaler does."""
        return cls({current: now})

    def wished(self, value: int, now: float) -> "Memory":
        """Note a recommendation."""
        recent = {old: at for old, at in self.last_wished.items() if at > now - LONGEST_PERIOD_SECONDS}
        return Memory({**recent, value: now}, self.changes)

    def changed(self, delta: int, now: float) -> "Memory":
        """Note a change of the wanted number."""
        recent = tuple(change for change in self.changes if change.at > now - LONGEST_PERIOD_SECONDS)
        return Memory(self.last_wished, (*recent, Change(now, delta)))

    def wishes_within(self, seconds: float, now: float) -> list[int]:
        return [value for value, at in self.last_wished.items() if at > now - seconds]

    def grown_within(self, seconds: float, now: float) -> bool:
        return any(change.delta > 0 and change.at > now - seconds for change in self.changes)

    def net_change_within(self, seconds: float, now: float) -> int:
        return sum(change.delta for change in self.changes if change.at > now - seconds)
