"""Which pools and instances exist: BridgeInstancePools and EndpointSlices, listed and watched at the Kubernetes API.

Imported only where a cluster is followed: it brings the Kubernetes client with it.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from bridge_api.names import POOL_LABEL
from bridge_router.core.cluster import ClusterView, Taken, pool_facts, slice_facts
from bridge_router.discovery.source import Apply
from bridge_router.settings import CannotStart, RouterSettings
from bridge_runtime.kube import Change, Informer, Object, Resource
from bridge_runtime.kube.client import CannotConnect, KubeApi, connected
from bridge_runtime.kube.namespaces import ALL_NAMESPACES, own_namespace, watched_namespaces
from bridge_runtime.kube.resource import ENDPOINT_SLICES, POOLS
from bridge_runtime.logs import get_logger

GATHER_SECONDS = 0.05
"""Changes closer together than this are applied together: a rollout changes many slices at once."""

BUG_PAUSE_SECONDS = 5.0

_log = get_logger("router")


class Cluster:
    """Follows the pools and EndpointSlices of some namespaces; it never forgets what it cannot ask about."""

    def __init__(self, api: KubeApi, namespaces: Sequence[str], apply: Apply) -> None:
        self._apply = apply
        self._view = ClusterView()
        self._changed = asyncio.Event()
        self._informers = [
            informer
            for namespace in namespaces
            for informer in (
                self._make(api, POOLS, namespace, self._on_pool, trim=pool_facts),
                self._make(api, ENDPOINT_SLICES, namespace, self._on_slice, trim=slice_facts),
            )
        ]

    def waits_for(self) -> str:
        missing = [
            f"{one.resource.plural} of {one.namespace or 'all namespaces'}{one.failing and f' ({one.failing})'}"
            for one in self._informers
            if not one.synced.is_set()
        ]
        return f"not listed yet: {', '.join(missing)}"

    def ages_seconds(self) -> Mapping[str, float]:
        ages: dict[str, float] = {}
        for one in self._informers:
            ages[one.resource.plural] = max(ages.get(one.resource.plural, 0.0), one.age_seconds())
        return ages

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow as long as the block runs."""
        work = [one.run for one in self._informers] + [self._apply_changes]
        tasks = [asyncio.create_task(_again_after_a_bug(one)) for one in work]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _apply_changes(self) -> None:
        """Apply what is known once all of it has been listed, and from then on when it has changed."""
        for informer in self._informers:
            await informer.synced.wait()
        while True:
            self._changed.clear()
            self._apply(self._view.registry())
            await self._changed.wait()
            await asyncio.sleep(GATHER_SECONDS)

    def _on_pool(self, change: Change) -> None:
        taken = self._view.take_pool(change.key, change.after)
        if taken.problem:
            _log.warning(
                "pool not understood, what was known of it stays", pool=str(change.key), why=taken.problem
            )
        self._note(taken)

    def _on_slice(self, change: Change) -> None:
        self._note(self._view.take_slice(change.key, change.after))

    def _note(self, taken: Taken) -> None:
        if taken.changed:
            self._changed.set()

    @staticmethod
    def _make(
        api: KubeApi,
        resource: Resource,
        namespace: str,
        changed: Callable[[Change], None],
        *,
        trim: Callable[[Object], Object],
    ) -> Informer:
        return Informer(
            api=api,
            resource=resource,
            changed=changed,
            clock=time.monotonic,
            random=random.random,
            namespace=namespace,
            selector=POOL_LABEL if resource is ENDPOINT_SLICES else "",
            trim=trim,
        )


@asynccontextmanager
async def following_cluster(settings: RouterSettings, apply: Apply) -> AsyncIterator[Cluster]:
    """Follow the cluster of the settings as long as the block runs; an API server that is away is waited for.

    Raises:
        CannotStart: The settings tell no cluster, or no namespace.
    """
    namespaces = _namespaces(settings)
    async with AsyncExitStack() as stack:
        try:
            api = await stack.enter_async_context(connected(settings.kubeconfig, user_agent="bridge-router"))
        except CannotConnect as nowhere:
            raise CannotStart(str(nowhere)) from nowhere
        cluster = Cluster(api, namespaces, apply)
        await stack.enter_async_context(cluster.running())
        _log.info("following the cluster", namespaces=[one or ALL_NAMESPACES for one in namespaces])
        yield cluster


def _namespaces(settings: RouterSettings) -> list[str]:
    """Say which namespaces to follow; the empty name stands for all, as in the API."""
    own = settings.namespace or own_namespace()
    namespaces = watched_namespaces(settings.namespaces) or ([own] if own else [])
    if not namespaces:
        raise CannotStart(
            "no namespace is given, and this is no pod that has one: --namespaces NAME (or '*' for all)"
        )
    return namespaces


async def _again_after_a_bug(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001 - whatever an odd object breaks here must not end the chats that are under way
            _log.exception("following the cluster has failed, and begins again")
        await asyncio.sleep(BUG_PAUSE_SECONDS)
