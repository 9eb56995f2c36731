"""Which endpoint gets a request: each strategy is a function over endpoints that have a free slot."""

import bisect
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from bridge_api.spec.pool import Strategy


class EndpointView(Protocol):
    """What a strategy may know of an endpoint."""

    instance: str

    @property
    def free_slots(self) -> int: ...

    @property
    def total_slots(self) -> int: ...


View = TypeVar("View", bound=EndpointView)
Random = Callable[[], float]
"""A number from 0 up to, not including, 1."""


class Pick(Protocol):
    """Picks one of at least one endpoint."""

    def __call__(self, endpoints: Sequence[View]) -> View: ...


def make_strategy(name: str, random: Random) -> Pick:
    """Make a strategy by its name in the spec; one that this version does not have is `LeastBusy`."""
    return round_robin() if name == Strategy.ROUND_ROBIN.value else least_busy(random)


def least_busy(random: Random) -> Pick:
    """Make a strategy that takes the least busy share of slots, then the most free ones; chance breaks a tie."""

    def pick(endpoints: Sequence[View]) -> View:
        best = min(map(_busyness, endpoints))
        tied = [endpoint for endpoint in endpoints if _busyness(endpoint) == best]
        return tied[int(random() * len(tied))]

    return pick


def round_robin() -> Pick:
    """Make a strategy that goes round by name, whatever comes and goes meanwhile."""
    last = ""

    def pick(endpoints: Sequence[View]) -> View:
        nonlocal last
        by_name = sorted(endpoints, key=_name)
        following = bisect.bisect_right(by_name, last, key=_name)
        chosen = by_name[following % len(by_name)]
        last = chosen.instance
        return chosen

    return pick


def _busyness(endpoint: EndpointView) -> tuple[float, int]:
    return 1 - endpoint.free_slots / max(1, endpoint.total_slots), -endpoint.free_slots


def _name(endpoint: EndpointView) -> str:
    return endpoint.instance
