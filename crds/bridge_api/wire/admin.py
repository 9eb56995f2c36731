"""What the console tells people and `bridge get` (`GET /api/v1/pools`, `/api/v1/instances`)."""

from bridge_api.base import WireModel
from bridge_api.wire.instance import SlotStatus


class PoolView(WireModel):
    namespace: str
    name: str
    site: str
    strategy: str
    min_instances: int
    max_instances: int
    desired_instances: int
    """Instances that are wanted now, as whoever decides has said."""

    instances: int
    ready_instances: int
    slots: int
    busy: int
    pending: int
    models: list[str]
    """Names a client may ask for."""


class InstanceView(WireModel):
    instance: str
    pool: str
    profile: str = ""
    """Which of the pool's profiles it has; empty: the pool has none, or it has not said so yet."""

    url: str
    metrics_url: str
    connected: bool
    """Whether the router hears from it."""

    ready: bool
    started: bool
    draining: bool
    cordoned: bool
    slots: list[SlotStatus]


class PoolList(WireModel):
    pools: list[PoolView]


class InstanceList(WireModel):
    instances: list[InstanceView]
