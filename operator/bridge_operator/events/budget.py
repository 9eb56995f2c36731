"""How many Events are written: a bucket of tokens, and an Event that happens again is counted instead of told anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from bridge_operator.events.happening import Happening

BURST = 20.0
"""Events of one pool in a row: a bad start has some."""

REFILL_SECONDS = 30.0
"""Then one in this time: nobody reads more, and each is a write."""

REPEAT_SECONDS = 600.0
"""An Event that happens again within this time is the same one, counted up."""


class Telling(NamedTuple):
    """An Event to write."""

    happening: Happening
    times: int
    """How often it has happened, those times included that were not written."""

    first: float
    """When this Event began: with the happening it names the object."""

    is_new: bool
    """Whether it is to be created; otherwise it is counted up where it stands."""


@dataclass(frozen=True, slots=True)
class _Told:
    times: int
    first: float
    last: float
    written: bool


@dataclass(frozen=True, slots=True)
class Budget:
    """What one pool may still tell, and what it has told."""

    tokens: float = BURST
    since: float = 0.0
    told: Mapping[Happening, _Told] = field(default_factory=dict)

    def tell(self, happening: Happening, now: float) -> tuple[Telling | None, "Budget"]:
        """Return the Event to write, if any, and what remains; seconds of any steady clock."""
        tokens = min(BURST, self.tokens + (now - self.since) / REFILL_SECONDS)
        recent = {one: how for one, how in self.told.items() if now - how.last <= REPEAT_SECONDS}
        known = recent.get(happening)
        counted = _again(known, now)
        may_write = tokens >= 1
        noted = replace(counted, written=counted.written or may_write)
        rest = Budget(tokens - 1 if may_write else tokens, now, {**recent, happening: noted})
        if not may_write:
            return None, rest
        return Telling(happening, counted.times, counted.first, is_new=not counted.written), rest


def _again(known: _Told | None, now: float) -> _Told:
    if known is None:
        return _Told(1, now, now, written=False)
    return replace(known, times=known.times + 1, last=now)
