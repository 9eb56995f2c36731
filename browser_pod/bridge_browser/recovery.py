"""How long to wait before something is tried again: longer after each failure in a row, up to a bound."""

from dataclasses import dataclass
from typing import Final

LONGEST_SECONDS: Final = 60.0
"""No wait is longer: a site that is back should not be missed for long."""


@dataclass(slots=True)
class BackOff:
    """Delays that double from the first to the longest."""

    first_seconds: float
    longest_seconds: float
    failures: int = 0

    def next_delay(self) -> float:
        """Count a failure and return the wait after it."""
        delay: float = min(self.first_seconds * 2**self.failures, self.longest_seconds)
        if delay < self.longest_seconds:
            self.failures += 1
        return delay

    def reset(self) -> None:
        """Begin anew, after a success."""
        self.failures = 0


class Patience:
    """The waits of one kind of evidence: of a page that cannot be opened, or of chats that fail."""

    def __init__(self, look_every_seconds: float) -> None:
        first_reload = min(look_every_seconds, LONGEST_SECONDS)
        self.broken = BackOff(1.0, LONGEST_SECONDS)
        """Before a page that does not work is opened again."""

        self.reload = BackOff(first_reload, LONGEST_SECONDS)
        """Before a page that waits for a person is loaded anew."""

    def reset(self) -> None:
        """Begin anew: the evidence is gone."""
        self.broken.reset()
        self.reload.reset()
