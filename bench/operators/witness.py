"""Sees the children of pools come, as any client of the API server sees them: by watches of its own."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from bench.operators.stage import NAMESPACE
from bench.support.waiting import DidNotHappen
from bridge_api.names import POOL_LABEL
from tests.support.cluster.api import Api, Object, path_of

DEPLOYMENTS: Final = path_of("apps/v1", "deployments", NAMESPACE)
KINDS: Final = (
    path_of("v1", "serviceaccounts", NAMESPACE),
    path_of("v1", "secrets", NAMESPACE),
    path_of("v1", "services", NAMESPACE),
    path_of("v1", "configmaps", NAMESPACE),
    path_of("networking.k8s.io/v1", "networkpolicies", NAMESPACE),
    path_of("policy/v1", "poddisruptionbudgets", NAMESPACE),
    DEPLOYMENTS,
)
"""Everything that an operator makes for a pool; ReplicaSet and pods are Kubernetes' own."""


class Witness:
    def __init__(self) -> None:
        self.deployments: dict[str, Object] = {}
        """By pool, as seen last."""

        self._came: dict[str, dict[str, float]] = defaultdict(dict)
        self._news = asyncio.Event()

    def came(self, pool: str) -> float | None:
        """Return when the last of a pool's children came, on the monotonic clock; None: not all are there."""
        kinds = self._came[pool]
        return max(kinds.values()) if len(kinds) == len(KINDS) else None

    def deployment_came(self, pool: str) -> float:
        return self._came[pool][DEPLOYMENTS]

    async def until(self, so: Callable[[], bool], *, within_seconds: float, what: str) -> float:
        """Wait until what was seen makes it so, and return when that was.

        Raises:
            DidNotHappen: The time is over.
        """
        try:
            async with asyncio.timeout(within_seconds):
                while not so():
                    self._news.clear()
                    await self._news.wait()
                return time.monotonic()
        except TimeoutError:
            raise DidNotHappen(f"{what}: not within {within_seconds:g} s") from None

    async def follow(self, api: Api, path: str) -> None:
        """Follow one kind until cancelled, or until the API server ends the watch."""
        version = (await api.get(path))["metadata"]["resourceVersion"]
        async for event in api.watch(path, version, labelSelector=POOL_LABEL):
            self._see(path, event["type"], event["object"])

    def _see(self, path: str, kind: str, obj: Object) -> None:
        pool = obj["metadata"]["labels"][POOL_LABEL]
        if kind == "DELETED":
            self._came[pool].pop(path, None)
        elif kind == "ADDED":
            self._came[pool][path] = time.monotonic()
        if path == DEPLOYMENTS:
            self.deployments[pool] = obj
        self._news.set()


@asynccontextmanager
async def watching(api: Api) -> AsyncIterator[Witness]:
    """Watch from an empty namespace on."""
    witness = Witness()
    following = [asyncio.create_task(witness.follow(api, path)) for path in KINDS]
    try:
        yield witness
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
