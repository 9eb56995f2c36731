"""Small worlds for the router's unit tests: pools, statuses, and what was settled."""

from collections.abc import Iterator, Sequence
from itertools import count

from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.instance import Cordon, InstanceStatus, SiteModel, SlotState, SlotStatus
from bridge_api.wire.local import EndpointRecord
from bridge_router.core.endpoint import Lease
from bridge_router.core.outlook import Denial
from bridge_router.core.pool import Pool, Settled

READY, BUSY, STARTING = SlotState.READY, SlotState.BUSY, SlotState.STARTING
RECYCLING, BROKEN = SlotState.RECYCLING, SlotState.BROKEN
NEEDS_HUMAN, RATE_LIMITED = SlotState.NEEDS_HUMAN, SlotState.RATE_LIMITED


def make_resource(name: str = "demo", *, namespace: str = "default", **spec: object) -> BridgeInstancePool:
    return BridgeInstancePool.model_validate(
        {
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"site": {"adapter": "arena", "url": "http://site.example"}, **spec},
        }
    )


def make_pool(
    name: str = "demo",
    *,
    namespace: str = "default",
    instances: Sequence[str] = ("a",),
    **spec: object,
) -> Pool:
    ids = map(str, count(1))
    resource = make_resource(name, namespace=namespace, **spec)
    pool = Pool(resource, 0.0, random=lambda: 0.0, new_lease_id=lambda: f"lease-{next(ids)}")
    pool.update(pool.resource, make_records(*instances), 0.0)
    return pool


def make_records(*instances: str, terminating: bool = False) -> list[EndpointRecord]:
    return [
        EndpointRecord(instance=name, pool="default/demo", url=f"http://{name}", terminating=terminating)
        for name in instances
    ]


def make_status(
    *states: SlotState,
    version: int = 1,
    boot: str = "boot",
    leases: Sequence[str | None] = (),
    models: Sequence[str] = ("m",),
    draining: bool = False,
    cordoned: bool = False,
    remaining: float | None = None,
) -> InstanceStatus:
    """Make a status; `leases` are those of the first slots."""
    held: Iterator[str | None] = iter(leases)
    return InstanceStatus(
        instance="a",
        pool="default/demo",
        boot=boot,
        version=version,
        started=True,
        draining=draining,
        cordons=[Cordon(owner="test", ttl_seconds=60)] if cordoned else [],
        slots=[
            SlotStatus(slot=n, state=state, lease=next(held, None), remaining_seconds=remaining)
            for n, state in enumerate(states)
        ],
        models=[SiteModel(id=name, organization="acme") for name in models],
    )


def leases(settled: Settled) -> list[Lease]:
    return [outcome for _, outcome in settled if isinstance(outcome, Lease)]


def denials(settled: Settled) -> list[Denial]:
    return [outcome for _, outcome in settled if isinstance(outcome, Denial)]
