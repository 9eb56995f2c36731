"""What the operator knows of the cluster: pools and their children, each found by the pool that it belongs to."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bridge_api.names import POOL_LABEL
from bridge_api.pool import BridgeInstancePool
from bridge_operator.cluster.trim import TRIMS
from bridge_runtime.kube import Change, Informer, Key, Object, Resource
from bridge_runtime.kube.client import KubeApi
from bridge_runtime.kube.objects import without_managed_fields
from bridge_runtime.kube.resource import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    DISRUPTION_BUDGETS,
    NETWORK_POLICIES,
    PODS,
    POOLS,
    REPLICA_SETS,
    SERVICE_ACCOUNTS,
    SERVICES,
)

CHILDREN: Final = (
    DEPLOYMENTS,
    REPLICA_SETS,
    PODS,
    SERVICES,
    DISRUPTION_BUDGETS,
    NETWORK_POLICIES,
    SERVICE_ACCOUNTS,
    CONFIG_MAPS,
)

Changed = Callable[[Resource, Key, Change], None]
"""Told of a pool whose pool object or child has changed."""


class Store:
    """Informers of everything that a pool consists of, in some namespaces or in all (`""`)."""

    def __init__(
        self,
        api: KubeApi,
        namespaces: Iterable[str],
        changed: Changed,
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self._changed = changed
        self._children: dict[tuple[Resource, Key], dict[Key, Object]] = defaultdict(dict)
        self._pools: dict[Key, Object] = {}
        self.informers: list[Informer] = [
            Informer(
                api=api,
                resource=resource,
                changed=self._noting(resource),
                clock=clock,
                random=random,
                namespace=namespace,
                selector="" if resource is POOLS else POOL_LABEL,
                trim=TRIMS.get(resource, without_managed_fields),
            )
            for namespace in namespaces
            for resource in (POOLS, *CHILDREN)
        ]

    @property
    def pools(self) -> dict[Key, Object]:
        return self._pools

    def known_pools(self) -> set[Key]:
        """Return the pools that are there, and those of which something is."""
        return self._pools.keys() | {pool for _, pool in self._children}

    def children(self, resource: Resource, pool: Key) -> Sequence[Object]:
        """Return the pool's children of a kind, those of an earlier pool of its name too."""
        return tuple(self._children.get((resource, pool), {}).values())

    def child(self, resource: Resource, pool: Key, name: str) -> Object | None:
        return self._children.get((resource, pool), {}).get(Key(pool.namespace, name))

    def offer(self, resource: Resource, obj: Object) -> None:
        """Take over what a write has returned."""
        for informer in self.informers:
            if informer.resource is resource and informer.namespace in ("", obj["metadata"]["namespace"]):
                informer.offer(obj)

    async def run(self) -> None:
        """Follow everything until cancelled."""
        async with asyncio.TaskGroup() as following:
            for informer in self.informers:
                following.create_task(informer.run())

    async def synced(self) -> None:
        """Wait until everything has been listed once."""
        await asyncio.gather(*(informer.synced.wait() for informer in self.informers))

    @property
    def is_synced(self) -> bool:
        return all(informer.synced.is_set() for informer in self.informers)

    @property
    def is_blind(self) -> bool:
        """Tell whether something may have changed that has not been heard of."""
        return any(informer.failing for informer in self.informers)

    def _noting(self, resource: Resource) -> Callable[[Change], None]:
        def note(change: Change) -> None:
            for pool in self._note(resource, change):
                self._changed(resource, pool, change)

        return note

    def _note(self, resource: Resource, change: Change) -> Sequence[Key]:
        if resource is POOLS:
            _put(self._pools, change)
            return (change.key,)
        was, is_now = _pool_of(change.key, change.before), _pool_of(change.key, change.after)
        if was is not None and was != is_now:
            self._drop(resource, was, change.key)
        if is_now is not None:
            _put(self._children[resource, is_now], change)
        return [pool for pool in dict.fromkeys((was, is_now)) if pool is not None]

    def _drop(self, resource: Resource, pool: Key, child: Key) -> None:
        children = self._children.get((resource, pool), {})
        children.pop(child, None)
        if not children:  # pools come and go
            self._children.pop((resource, pool), None)


def _put(objects: dict[Key, Object], change: Change) -> None:
    if change.after is None:
        objects.pop(change.key, None)
    else:
        objects[change.key] = change.after


def _pool_of(key: Key, obj: Object | None) -> Key | None:
    name = obj["metadata"].get("labels", {}).get(POOL_LABEL) if obj is not None else None
    return Key(key.namespace, name) if name else None


def place_of(pool: BridgeInstancePool) -> Key:
    """Return where a pool is found."""
    return Key(pool.metadata.namespace, pool.metadata.name)
