"""A number on its way to a decision: how many instances, and why."""

from typing import NamedTuple


class Step(NamedTuple):
    """What one step says: (value, reason, message)."""

    value: int
    reason: str
    message: str

    def changed(self, value: int, reason: str, why: str) -> "Step":
        """Return the number that a later step makes of it; the message keeps what was said before."""
        return Step(value, reason, f"{self.message}; {why}")
