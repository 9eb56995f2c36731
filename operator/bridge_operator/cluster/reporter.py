"""Says how a pool is: its status, a log line where something is done, metrics, and Events for what a person wants to know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bridge_api.pool import BridgeInstancePool
from bridge_operator.autoscaler.wish import Wish
from bridge_operator.cluster.facts import gather_facts
from bridge_operator.cluster.instances import Instances
from bridge_operator.cluster.metrics import Metrics
from bridge_operator.cluster.observe import Observed
from bridge_operator.cluster.recorder import Recorder
from bridge_operator.cluster.revisions import Revisions
from bridge_operator.cluster.store import place_of
from bridge_operator.cluster.writer import Writer
from bridge_operator.events.happening import Happening
from bridge_operator.plan import Action, Verb
from bridge_operator.status.facts import PoolFacts
from bridge_operator.status.pool_status import make_status, same_status
from bridge_operator.status.reasons import OBJECTS_REFUSED, Trouble
from bridge_runtime.kube import Key, Object
from bridge_runtime.kube.objects import key_of
from bridge_runtime.kube.resource import REPLICA_SETS
from bridge_runtime.logs import get_logger

TOLD = {Verb.CORDON: "cordoning an instance", Verb.UNCORDON: "taking an instance back"}

log = get_logger("operator")


@dataclass(slots=True, kw_only=True)
class Reporter:
    writer: Writer
    instances: Instances
    metrics: Metrics
    recorder: Recorder
    wall_clock: Callable[[], float]
    ready: dict[Key, int] = field(default_factory=dict)
    """Instances that can answer, by pool."""

    _told: dict[Key, dict[str, str]] = field(default_factory=dict)
    """By pool and instance: what was logged last."""

    _happened: dict[Key, list[Happening]] = field(default_factory=dict)

    async def refuse(self, obj: Object, why: str) -> None:
        """Say that nothing can be done for a pool as it is written."""
        known = obj.get("status", {})
        facts = PoolFacts(
            wanted=int(known.get("desiredInstances") or 0),
            replicas=int(known.get("replicas") or 0),
            ready=int(known.get("readyInstances") or 0),
            refused=why,
        )
        await self._write(obj, None, facts)
        await self.recorder.look(obj, facts)

    def facts(
        self,
        pool: BridgeInstancePool,
        observed: Observed,
        *,
        wish: Wish,
        revisions: Revisions,
        plan: Sequence[Action],
    ) -> PoolFacts:
        """Gather what was seen; what was told of instances that are gone is forgotten."""
        key = place_of(pool)
        told = self._told.get(key, {})
        self._told[key] = {pod.name: told[pod.name] for pod in observed.pods if pod.name in told}
        return gather_facts(
            pool,
            observed,
            wish=wish,
            revisions=revisions,
            plan=plan,
            models=self.instances.offered.of(key),
            replica_sets=self.writer.store.children(REPLICA_SETS, key),
        )

    async def report(
        self, obj: Object, pool: BridgeInstancePool, facts: PoolFacts, *, refused: str = ""
    ) -> None:
        """Have the pool's status say what was seen, and which of its objects the API server has refused."""
        key = key_of(obj)
        if not facts.models:  # as before: an operator that has just begun has not been told them yet
            facts = replace(facts, models=tuple(obj.get("status", {}).get("models") or ()))
        if refused:
            facts = replace(facts, troubles=(*facts.troubles, Trouble(OBJECTS_REFUSED, refused)))
        self.ready[key] = facts.ready
        await self._write(obj, pool, facts)
        await self.recorder.look(obj, facts)
        for happening in self._happened.pop(key, ()):
            await self.recorder.tell(obj, happening)

    def happened(self, key: Key, uid: str, happening: Happening) -> None:
        """Have an Event of this told at the pool's next look; of a pool that is gone nothing is told to the next one of its name."""
        pool = self.writer.store.pools.get(key)
        if pool is not None and pool["metadata"]["uid"] == uid:
            self._happened.setdefault(key, []).append(happening)

    def tell(self, key: Key, action: Action) -> None:
        """Log what an instance is asked for, once for each that is new."""
        said, told = f"{action.verb} {action.reason}", self._told.setdefault(key, {})
        if told.get(action.instance) != said:
            told[action.instance] = said
            log.info(
                TOLD[action.verb],
                pool=str(key),
                instance=action.instance,
                reason=action.reason,
                why=action.message,
            )

    def tell_of_scaling(self, key: Key, before: Wish, after: Wish) -> None:
        decision = after.decision
        if decision is None or decision.value == decision.current:
            return
        self.metrics.scale_decisions.labels(*key, decision.reason).inc()
        log.info(
            "scaling",
            pool=str(key),
            instances=f"{before.desired} → {after.desired}",
            reason=decision.reason,
            why=decision.message,
        )

    def forget(self, key: Key) -> None:
        """Drop what is remembered of a pool that is gone."""
        self.ready.pop(key, None)
        self._told.pop(key, None)
        self._happened.pop(key, None)
        self.recorder.forget(key)
        self.metrics.forget(key)

    async def _write(self, obj: Object, pool: BridgeInstancePool | None, facts: PoolFacts) -> None:
        now = datetime.fromtimestamp(self.wall_clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        status = make_status(obj, pool.spec if pool is not None else None, facts, now)
        if not same_status(obj.get("status", {}), status):
            await self.writer.set_status(obj, status)
