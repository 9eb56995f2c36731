"""Which instances EndpointSlices show: each one once, whatever several slices say of it.

Readiness is left out on purpose: an instance that is not ready is asked as well, because its status says why.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from bridge_api.names import HTTP_PORT_NAME, POOL_LABEL, POOL_UID_LABEL
from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.local import EndpointRecord, Registry

_HOST = {"IPv4": "{}", "IPv6": "[{}]"}
"""How each type of address stands in a URL; names (FQDN) are none of ours."""


class Shown(NamedTuple):
    """What one slice shows."""

    pool_uid: str = ""
    """Empty: it does not say whether its pods are of this pool or of an earlier one of its name."""

    records: tuple[EndpointRecord, ...] = ()


def read_slice(endpoint_slice: Mapping[str, Any]) -> Shown:
    """Read the instances of one slice: those with an address, a port `http`, and a pod of the same namespace."""
    labels = endpoint_slice["metadata"].get("labels") or {}
    return Shown(labels.get(POOL_UID_LABEL, ""), _records_in(endpoint_slice, labels.get(POOL_LABEL)))


def _records_in(endpoint_slice: Mapping[str, Any], pool: str | None) -> tuple[EndpointRecord, ...]:
    namespace = endpoint_slice["metadata"]["namespace"]
    host = _HOST.get(endpoint_slice.get("addressType", ""))
    port = _port(endpoint_slice)
    if pool is None or host is None or port is None:
        return ()
    return tuple(
        EndpointRecord(
            instance=pod,
            pool=f"{namespace}/{pool}",
            url=f"http://{host.format(endpoint['addresses'][0])}:{port}",
            terminating=bool((endpoint.get("conditions") or {}).get("terminating")),
        )
        for endpoint in endpoint_slice.get("endpoints") or ()
        if endpoint.get("addresses") and (pod := _pod(endpoint, namespace))
    )


def make_registry(pools: Iterable[BridgeInstancePool], slices: Iterable[Shown]) -> Registry:
    """List the pools, and each of their instances once."""
    known = {pool.key: pool for pool in pools}
    instances: dict[tuple[str, str], EndpointRecord] = {}
    for shown in slices:
        for record in shown.records:
            pool = known.get(record.pool)
            if pool is None or shown.pool_uid not in ("", pool.metadata.uid):
                break  # a slice is of one pool
            at = (record.pool, record.instance)
            instances[at] = _both(instances[at], record) if at in instances else record
    return Registry(pools=list(known.values()), endpoints=list(instances.values()))


def _port(endpoint_slice: Mapping[str, Any]) -> int | None:
    ports = endpoint_slice.get("ports") or ()
    return next((port.get("port") for port in ports if port.get("name") == HTTP_PORT_NAME), None)


def _pod(endpoint: Mapping[str, Any], namespace: str) -> str | None:
    target = endpoint.get("targetRef") or {}
    if target.get("kind") != "Pod" or target.get("namespace", namespace) != namespace:
        return None
    return target.get("name")


def _both(one: EndpointRecord, other: EndpointRecord) -> EndpointRecord:
    """Join what two slices say: slices are written one after the other, and no pod comes back from terminating.

    Where a pod has an address of each type, IPv4 is taken.
    """
    first = min(one, other, key=lambda record: ("[" in record.url, record.url))
    terminating = one.terminating or other.terminating
    return (
        first if first.terminating == terminating else first.model_copy(update={"terminating": terminating})
    )
