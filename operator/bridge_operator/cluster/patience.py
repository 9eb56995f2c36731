"""When to try again what could not be done: later each time, and at once when something has changed."""

from collections.abc import Hashable
from dataclasses import dataclass, field

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 8.0
"""A cordon lasts for half a minute, and is renewed at each try."""


@dataclass(frozen=True, slots=True)
class Refusal:
    picture: Hashable
    """What there was when it could not be done."""

    reason: str
    pause: float
    until: float


@dataclass(slots=True)
class Patience:
    """By name of what is tried."""

    _refusals: dict[str, Refusal] = field(default_factory=dict)

    def wait_seconds(self, name: str, picture: Hashable, now: float) -> float:
        """Return for how long to leave it, while all is as it was; 0: try."""
        known = self._refusals.get(name)
        return max(0.0, known.until - now) if known is not None and known.picture == picture else 0.0

    def refuse(self, name: str, picture: Hashable, reason: str, now: float) -> tuple[float, bool]:
        """Note that it could not be done; return after how long to try again, and whether the reason is another one."""
        known = self._refusals.get(name)
        pause = FIRST_SECONDS
        if known is not None and known.picture == picture:
            pause = min(LONGEST_SECONDS, known.pause * 2)
        self._refusals[name] = Refusal(picture, reason, pause, now + pause)
        return pause, known is None or known.reason != reason

    def forget(self, name: str) -> None:
        """Begin anew: it could be done, or there is nothing to do."""
        self._refusals.pop(name, None)
