"""The instance's judgement of itself, once in each interval: failures of its own in so many in a row, and it gives up.

Only failures that another instance would not have are noted: never the site's, never a limit, never a wait for a person.
"""

from collections.abc import Sequence
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
        self._failures: dict[int, _Failure] = {}
        """The last failure of each slot, until an interval has been judged in which it is of no account any more."""

        self._in_a_row = 0

    def failed(self, slot: int, reason: str, now: float) -> None:
        """Note a failure; the slot is down until it is said to be up."""
        self._failures[slot] = _Failure(reason, now)

    def up(self, slot: int) -> None:
        """A page, or the browser, is there again."""
        if slot in self._failures:
            self._failures[slot].over = True

    def judge(self, threshold: int, answered_at: Sequence[float]) -> Judgement:
        """Judge the interval that ends now; a chat that a slot has answered since makes its failure good."""
        answered = dict(enumerate(answered_at)) | {BROWSER: max(answered_at, default=float("-inf"))}
        bad = [one.reason for slot, one in self._failures.items() if one.at >= answered[slot]]
        self._failures = {slot: one for slot, one in self._failures.items() if not one.over}
        if not bad:
            self._in_a_row = 0
            return Judgement(Condition.HEALTHY, "AsWanted", "no failure of its own in the last interval")
        self._in_a_row += 1
        condition = Condition.GIVEN_UP if self._in_a_row >= threshold else Condition.FAILING
        return Judgement(condition, bad[0], f"{bad[0]} in {self._in_a_row} of {threshold} intervals in a row")


@dataclass(slots=True)
class _Failure:
    reason: str
    at: float
    over: bool = False
