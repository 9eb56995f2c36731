"""Which instances EndpointSlices show: each one once, whatever several slices say of it.

Readiness is left out on purpose: an instance that is not ready is asked as well, because its status says why.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from bridge_api.names import POD_PORT_NAME, POOL_LABEL
from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.local import EndpointRecord, Registry

_HOST = {"IPv4": "{}", "IPv6": "[{}]"}
"""How each type of address stands in a URL; names (FQDN) are none of ours."""


def records_in(endpoint_slice: Mapping[str, Any]) -> tuple[EndpointRecord, ...]:
    """Read the instances of one slice: those with an address, a port `http`, and a pod of the same namespace."""
    metadata = endpoint_slice["metadata"]
    pool = (metadata.get("labels") or {}).get(POOL_LABEL)
    host = _HOST.get(endpoint_slice.get("addressType", ""))
    port = _port(endpoint_slice)
    if pool is None or host is None or port is None:
        return ()
    return tuple(
        EndpointRecord(
            instance=pod,
            pool=f"{metadata['namespace']}/{pool}",
            url=f"http://{host.format(endpoint['addresses'][0])}:{port}",
            terminating=bool((endpoint.get("conditions") or {}).get("terminating")),
        )
        for endpoint in endpoint_slice.get("endpoints") or ()
        if endpoint.get("addresses") and (pod := _pod(endpoint, metadata["namespace"]))
    )


def make_registry(
    pools: Iterable[BridgeInstancePool], slices: Iterable[Iterable[EndpointRecord]]
) -> Registry:
    """List the pools, and each of their instances once."""
    known = list(pools)
    keys = {pool.key for pool in known}
    instances: dict[tuple[str, str], EndpointRecord] = {}
    for record in chain.from_iterable(slices):
        at = (record.pool, record.instance)
        instances[at] = _both(instances[at], record) if at in instances else record
    return Registry(pools=known, endpoints=[one for one in instances.values() if one.pool in keys])


def _port(endpoint_slice: Mapping[str, Any]) -> int | None:
    ports = endpoint_slice.get("ports") or ()
    return next((port.get("port") for port in ports if port.get("name") == POD_PORT_NAME), None)


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
