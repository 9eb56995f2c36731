"""The instance's judgement of itself, once in each interval: failures of its own in so many in a row, and it gives up.

Only failures that another instance would not have are noted: never the site's, never a limit, never a wait for a person.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

BROWSER: Final = -1
"""Stands in for a slot's number where the browser of all slots has failed."""


class Condition(StrEnum):
    HEALTHY = "Healthy"
    FAILING = "Failing"
    GIVEN_UP = "GivenUp"


@dataclass(frozen=True, slots=True)
class Judgement:
    condition: Condition
    reason: str
    message: str


class Health:
    def __init__(self) -> None:
        self._down: dict[int, str] = {}
        self._in_interval: str | None = None
        self._in_a_row = 0

    def failed(self, slot: int, reason: str) -> None:
        """Note a failure; the slot is down until it is said to be up."""
        self._down[slot] = reason
        self._in_interval = reason

    def up(self, slot: int) -> None:
        """A page, or the browser, is there again."""
        self._down.pop(slot, None)

    def judge(self, threshold: int) -> Judgement:
        """Judge the interval that ends now."""
        reason = self._in_interval or next(iter(self._down.values()), None)
        self._in_interval = None
        if reason is None:
            self._in_a_row = 0
            return Judgement(Condition.HEALTHY, "AsWanted", "no failure of its own in the last interval")
        self._in_a_row += 1
        condition = Condition.GIVEN_UP if self._in_a_row >= threshold else Condition.FAILING
        return Judgement(condition, reason, f"{reason} in {self._in_a_row} of {threshold} intervals in a row")
