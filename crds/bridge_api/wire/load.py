"""What a router says of demand (`GET /load/stream`, one line at least each second)."""

from typing import Final

from bridge_api.base import WireModel

FIRST_TOKEN_WINDOW_SECONDS: Final = 60.0
"""How far back the times to the first token are looked at: as the spec says of `responseTime.p90Seconds`."""


class PoolLoad(WireModel):
    """One pool as one router sees it: busy is what the pods say, pending is this router's own."""

    pool: str
    """`namespace/name`."""

    slots: int
    """Slots of ready instances, whatever their state; limited and waiting ones count as capacity."""

    busy: int
    """Slots in use."""

    blocked: int = 0
    """Slots of instances that are heard from which the site limits, or which wait for a person."""

    pending: int
    """Requests that wait for a slot in this router."""

    in_flight: int
    """Requests of this router that an instance is answering."""

    ready_instances: int
    """Instances with a slot that is ready or busy."""

    oldest_pending_seconds: float = 0.0
    """How long the first in the queue has waited."""

    first_token_p90_seconds: float | None = None
    """90th percentile of the time to the first token over the last minute; None without a sample."""

    idle_seconds: float = 0.0
    """Since the last request ended; 0 while there is one."""


class LoadReport(WireModel):
    router: str
    """The router's name."""

    boot: str
    """Random for each start of the router."""

    sequence: int
    """Grows with every report."""

    pools: list[PoolLoad]
    """Every pool the router knows."""
