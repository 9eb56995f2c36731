"""Condense samples: percentiles of one round, median and spread over the rounds."""

import statistics
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict


class Spread(BaseModel):
    """One figure over all rounds."""

    model_config = ConfigDict(frozen=True)

    median: float
    low: float
    high: float
    rounds: tuple[float, ...]
    """What each round gave, in its order."""

    unit: str = ""


def spread(values: Sequence[float], unit: str = "") -> Spread:
    """Condense what the rounds gave; one value at least."""
    return Spread(
        median=statistics.median(values),
        low=min(values),
        high=max(values),
        rounds=tuple(round(value, 6) for value in values),
        unit=unit,
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """Take the nearest rank: a value that was measured, never one in between."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


def change_percent(before: float, after: float) -> float:
    return 100 * (after - before) / before
