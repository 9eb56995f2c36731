"""How long to wait before trying again what has failed: longer each time, with jitter, and forgotten after health."""

from collections.abc import Callable
from dataclasses import dataclass

from bridge_api.pauses import pause_after

SHORTEST_SECONDS = 0.5
"""A first failure costs hardly anything: most are one-off."""

LONGEST_SECONDS = 30.0
"""What keeps failing is tried twice a minute or more, so that it is back soon after its cause is gone."""

HEALTHY_SECONDS = 60.0
"""Whatever was healthy for this long has not been failing."""


@dataclass(frozen=True, slots=True)
class Backoff:
    failures: int = 0
    """In a row."""

    not_before: float = float("-inf")
    """When the next try may start, on the clock of `now`."""

    def after_failure(self, *, now: float, healthy_seconds: float, random: Callable[[], float]) -> "Backoff":
        """Wait half to all of the doubled time; `random` gives numbers in [0, 1)."""
        failures = 1 if healthy_seconds >= HEALTHY_SECONDS else self.failures + 1
        pause = pause_after(
            failures, first_seconds=2 * SHORTEST_SECONDS, longest_seconds=LONGEST_SECONDS, chance=random()
        )
        return Backoff(failures, now + pause)
