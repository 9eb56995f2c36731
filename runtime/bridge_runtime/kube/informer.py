"""Know all objects of one kind: listed once, then followed by a watch, and listed anew whenever that breaks.

Source: Kubernetes API Concepts, "Efficient detection of changes": list, watch from its resourceVersion, bookmarks, 410 Gone.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge_api.pauses import pause_after
from bridge_runtime.kube.client import KubeApi
from bridge_runtime.kube.errors import Gone, KubeError
from bridge_runtime.kube.objects import Key, Object, key_of, version_of, without_managed_fields
from bridge_runtime.kube.resource import Resource
from bridge_runtime.logs import get_logger

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
"""An API server that is back should be heard at once; one list in five seconds costs it nothing."""

log = get_logger("kube")


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one object; None where it was not or is no longer there."""

    key: Key
    before: Object | None
    after: Object | None


@dataclass(slots=True, kw_only=True)
class Informer:
    """The objects of one kind, in one namespace or in all, that have a label."""

    api: KubeApi
    resource: Resource
    changed: Callable[[Change], None]
    """Told of each change, in order and after `objects` shows it; it must not wait."""

    clock: Callable[[], float]
    random: Callable[[], float]
    namespace: str = ""
    selector: str = ""
    trim: Callable[[Object], Object] = without_managed_fields
    """What is kept of each object."""

    objects: dict[Key, Object] = field(default_factory=dict)
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once everything has been listed."""

    failing: str = ""
    """Why it does not hear now; empty: it does."""

    _told: str = ""
    """The reason that was last logged: being cut off and then being forbidden are two things to a person."""

    _version: str = ""
    _seen: int = 0
    _heard_at: float | None = None

    def age_seconds(self) -> float:
        """Return for how long nothing has been heard, not even a bookmark; infinite before the first list."""
        return float("inf") if self._heard_at is None else self.clock() - self._heard_at

    async def run(self) -> None:
        """Follow until cancelled."""
        failures = 0
        while True:
            heard_at = self._heard_at
            try:
                if not self._version:
                    await self._list()
                await self._watch()
            except KubeError as failed:
                if isinstance(failed, Gone):
                    self._version = ""
                else:
                    self._note_failure(failed)
            failures = 0 if self._heard_at != heard_at else failures + 1
            await asyncio.sleep(self._pause_seconds(failures))

    def offer(self, obj: Object) -> None:
        """Take over what a write has returned, unless the watch is as far already."""
        known = self.objects.get(key_of(obj))
        if version_of(obj) > max(self._seen, version_of(known) if known else 0):
            self._put(self.trim(obj))

    async def _list(self) -> None:
        listed, version = await self.api.list(
            self.resource, self.namespace, selector=self.selector, trim=self.trim
        )
        self._heard()
        found = {key_of(obj): obj for obj in listed}
        for gone in self.objects.keys() - found.keys():
            self._remove(gone)
        for key, obj in found.items():
            known = self.objects.get(key)
            if known is None or version_of(known) != version_of(obj):
                self._put(obj)
        self._version, self._seen = version, int(version)
        self.synced.set()

    async def _watch(self) -> None:
        watch = self.api.watch(
            self.resource,
            self.namespace,
            selector=self.selector,
            version=self._version,
            opened=self._heard,
        )
        async for kind, obj in watch:
            self._heard()
            self._version = obj["metadata"]["resourceVersion"]
            self._seen = max(self._seen, int(self._version))
            match kind:
                case "ADDED" | "MODIFIED":
                    self._put(self.trim(obj))
                case "DELETED":
                    self._remove(key_of(obj))
                case _:
                    pass  # a bookmark: only its version counts

    def _put(self, obj: Object) -> None:
        key = key_of(obj)
        before = self.objects.get(key)
        if before is not None and version_of(before) > version_of(obj):
            return  # our own write has been offered before its event came
        self.objects[key] = obj
        self.changed(Change(key, before, obj))

    def _remove(self, key: Key) -> None:
        before = self.objects.pop(key, None)
        if before is not None:
            self.changed(Change(key, before, None))

    def _heard(self) -> None:
        if self.failing:
            log.info("heard from the API server again", resource=self.resource.plural)
        self.failing = self._told = ""
        self._heard_at = self.clock()

    def _pause_seconds(self, failures: int) -> float:
        return pause_after(
            failures + 1,
            first_seconds=FIRST_PAUSE_SECONDS,
            longest_seconds=LONGEST_PAUSE_SECONDS,
            chance=self.random(),
        )

    def _note_failure(self, failed: KubeError) -> None:
        if failed.reason != self._told:
            self._told = failed.reason
            log.warning("not heard from the API server", resource=self.resource.plural, why=str(failed))
        self.failing = str(failed)
