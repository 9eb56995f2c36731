"""Writes Events next to a pool: what a person wants to know, and not more of it than anybody reads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bridge_operator.cluster.terms import OBJECTS_MANAGER
from bridge_operator.events.budget import Budget, Telling
from bridge_operator.events.event import make_event, make_repeat
from bridge_operator.events.happening import Happening, happenings
from bridge_operator.status.facts import PoolFacts
from bridge_runtime.kube import Key, KubeError, Object
from bridge_runtime.kube.client import KubeApi
from bridge_runtime.kube.errors import NOT_FOUND
from bridge_runtime.kube.objects import key_of
from bridge_runtime.kube.resource import EVENTS
from bridge_runtime.logs import get_logger

log = get_logger("operator")


@dataclass(slots=True, kw_only=True)
class Recorder:
    api: KubeApi
    reporter: str
    """Our name."""

    leads: Callable[[], bool]
    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    _before: dict[Key, PoolFacts] = field(default_factory=dict)
    _budgets: dict[Key, Budget] = field(default_factory=dict)

    async def look(self, pool: Object, facts: PoolFacts) -> None:
        """Tell what has happened since the look before."""
        key = key_of(pool)
        before = self._before.get(key)
        self._before[key] = facts
        for happening in happenings(before, facts):
            await self.tell(pool, happening)

    async def tell(self, pool: Object, happening: Happening) -> None:
        """Write one Event, if the pool may still tell any; one that cannot be written is no reason to stop."""
        key = key_of(pool)
        budget = self._budgets.get(key) or Budget(since=self.clock())
        telling, self._budgets[key] = budget.tell(happening, self.clock())
        if telling is None or not self.leads():
            return
        try:
            await self._write(pool, telling)
        except KubeError as failed:
            log.warning("an Event is lost", pool=str(key), reason=happening.reason, why=str(failed))

    def forget(self, key: Key) -> None:
        """Drop what is remembered of a pool that is gone."""
        self._before.pop(key, None)
        self._budgets.pop(key, None)

    async def _write(self, pool: Object, telling: Telling) -> None:
        now = datetime.fromtimestamp(self.wall_clock(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        event = make_event(pool, telling, reporter=self.reporter, now=now)
        if telling.is_new:
            await self.api.create(EVENTS, event)
            return
        metadata = event["metadata"]
        repeat = make_repeat(telling, now=now)
        namespace, name = metadata["namespace"], metadata["name"]
        try:
            await self.api.merge(EVENTS, namespace, name, repeat, manager=OBJECTS_MANAGER)
        except KubeError as missing:
            if missing.status != NOT_FOUND:
                raise
            await self.api.create(EVENTS, event)  # its first telling was refused, or has expired
