"""How long to wait before something is tried again: longer after each failure in a row, up to a bound."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bridge_api.pauses import pause_after

LONGEST_SECONDS: Final = 60.0
"""No wait is longer: a site that is back should not be missed for long."""


@dataclass(slots=True)
class BackOff:
    """Delays that double from the first to the longest; half of each is chance, so that slots do not come in step."""

    first_seconds: float
    longest_seconds: float
    random: Callable[[], float]
    """Gives numbers in [0, 1)."""

    failures: int = 0

    def next_delay(self) -> float:
        """Count a failure and return the wait after it."""
        self.failures += 1
        return pause_after(
            self.failures,
            first_seconds=self.first_seconds,
            longest_seconds=self.longest_seconds,
            chance=self.random(),
        )

    def reset(self) -> None:
        """Begin anew, after a success."""
        self.failures = 0


class Patience:
    """The waits of one kind of evidence: of a page that cannot be opened, or of chats that fail."""

    def __init__(self, look_every_seconds: float, random: Callable[[], float]) -> None:
        first_reload = min(look_every_seconds, LONGEST_SECONDS)
        self.broken = BackOff(1.0, LONGEST_SECONDS, random)
        """Before a page that does not work is opened again."""

        self.reload = BackOff(first_reload, LONGEST_SECONDS, random)
        """Before a page that waits for a person is loaded anew."""

    def reset(self) -> None:
        """Begin anew: the evidence is gone."""
        self.broken.reset()
        self.reload.reset()
