"""How long to wait before something is tried again: longer after each failure in a row, up to a bound."""

from dataclasses import dataclass


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
