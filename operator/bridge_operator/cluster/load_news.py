"""Which pools have another load than a router told before: only those are looked at, as routers report each second; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge_api.wire.load import LoadReport, PoolLoad
from bridge_operator.autoscaler.load import STALE_SECONDS

GOES_BY_ITSELF = ("idle_seconds", "oldest_pending_seconds")
"""That time goes by is no news."""

Lasting = tuple[object, ...]


@dataclass(slots=True)
class LoadNews:
    """What each router told last."""

    _told: dict[str, tuple[float, Mapping[str, Lasting]]] = field(default_factory=dict)
    """By router: when, and of each pool."""

    def take(self, report: LoadReport, now: float) -> list[str]:
        """Take a report in, and name the pools that it says something new of.

        After a silence everything is news: until then the load counted as unknown.
        """
        self._told = {router: told for router, told in self._told.items() if now - told[0] <= STALE_SECONDS}
        _, before = self._told.get(report.router, (now, {}))
        loads = {load.pool: _lasting(load) for load in report.pools}
        self._told[report.router] = (now, loads)
        new = [pool for pool, load in loads.items() if load != before.get(pool)]
        return new + [pool for pool in before if pool not in loads]


def _lasting(load: PoolLoad) -> Lasting:
    return tuple(value for name, value in load if name not in GOES_BY_ITSELF)
