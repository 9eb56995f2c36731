"""The load of one pool, added up over the routers that tell it."""

from collections.abc import Iterable
from dataclasses import dataclass

from bridge_api.wire.load import LoadReport, PoolLoad

STALE_SECONDS = 5.0
"""A router reports each second: after five misses its numbers are of another time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is known now. Limited slots and those that wait for a person are capacity, never demand."""

    busy: int = 0
    """Slots in use, as the pods say."""

    blocked: int = 0
    """Slots that the site limits, or that wait for a person."""

    pending: int = 0
    """Requests that wait, over all live routers."""

    first_token_p90_seconds: float | None = None
    """90th percentile of the last minute; None without a sample."""

    idle_seconds: float = 0.0
    """Since the last request ended anywhere; 0 while there is one."""

    complete: bool = True
    """Whether every router has told; where one is silent the true load may be higher."""

    @property
    def demand(self) -> int:
        """Count what runs and what waits, but for what waits only because slots are blocked: that is no reason to grow."""
        return self.busy + max(0, self.pending - self.blocked)


@dataclass(frozen=True, slots=True)
class Heard:
    """The last report of one router, and when it came (seconds of a steady clock)."""

    report: LoadReport | None
    at: float


def add_up(heard: Iterable[Heard], pool: str, now: float, *, ready_instances: int = 0) -> Load | None:
    """Add up what the live routers say of a pool; None where nobody says anything.

    A router that hears from fewer than the `ready_instances` that are known does not know of all busy slots.
    """
    routers = list(heard)
    told = [load for one in routers if (load := _told(one, pool, now)) is not None]
    if not told:
        return None
    hears_all = all(load.ready_instances >= ready_instances for load in told)
    slow = [load.first_token_p90_seconds for load in told if load.first_token_p90_seconds is not None]
    return Load(
        busy=max(load.busy for load in told),  # every router hears of the same pods
        blocked=max(load.blocked for load in told),
        pending=sum(load.pending for load in told),
        first_token_p90_seconds=max(slow, default=None),
        idle_seconds=min(load.idle_seconds for load in told),
        complete=hears_all and len(told) == len(routers),
    )


def _told(heard: Heard, pool: str, now: float) -> PoolLoad | None:
    if heard.report is None or now - heard.at > STALE_SECONDS:
        return None
    return next((load for load in heard.report.pools if load.pool == pool), None)
