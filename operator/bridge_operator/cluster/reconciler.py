"""One look at one pool: observe, decide how many, make a plan, carry it out, and say how it is."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bridge_api.names import COMPLETE, FAILED
from bridge_api.pool import BridgeInstancePool
from bridge_operator.autoscaler import Load
from bridge_operator.autoscaler.load import add_up
from bridge_operator.autoscaler.wish import Wish, begin, settle, waits_for_first_number
from bridge_operator.cluster.children import Children
from bridge_operator.cluster.deciding import (
    SOON_SECONDS,
    found_before,
    times_to_look,
    wanted_pool,
    without_new_cordons,
)
from bridge_operator.cluster.departures import Departures
from bridge_operator.cluster.deployments import number_of
from bridge_operator.cluster.feeds import Feeds
from bridge_operator.cluster.instances import Instances
from bridge_operator.cluster.kept import Kept
from bridge_operator.cluster.marks import Marked, mark_pods, protects
from bridge_operator.cluster.observe import Moment, Observed, observe, observe_pods
from bridge_operator.cluster.planned import failing_revisions, instances_of
from bridge_operator.cluster.reporter import Reporter
from bridge_operator.cluster.revisions import Revisions, choose_revisions
from bridge_operator.cluster.store import Store, place_of
from bridge_operator.cluster.together import together
from bridge_operator.cluster.writer import Writer
from bridge_operator.plan import Action, Verb, make_plan
from bridge_operator.resources.refused import read_pool
from bridge_operator.resources.revision import Revision, current_revisions
from bridge_runtime.kube import Key, KubeError, Object
from bridge_runtime.kube.errors import is_for_a_person
from bridge_runtime.kube.resource import CONFIG_MAPS, DEPLOYMENTS, PODS, REPLICA_SETS
from bridge_runtime.logs import get_logger

STEADY_SECONDS = 30.0
"""Between two looks at a pool where nothing happens."""

log = get_logger("operator")


@dataclass(slots=True, kw_only=True)
class Reconciler:
    store: Store
    instances: Instances
    feeds: Feeds
    writer: Writer
    children: Children
    departures: Departures
    reporter: Reporter
    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    wishes: dict[Key, Wish] = field(default_factory=dict)
    _read: Kept[BridgeInstancePool | str] = field(default_factory=Kept)
    _current: Kept[list[Revision]] = field(default_factory=Kept)
    _uids: dict[Key, str] = field(default_factory=dict)
    _failing: dict[Key, dict[str, float]] = field(default_factory=dict)
    """By pool and Deployment: since when it has lacked an instance by its own fault."""

    async def reconcile(self, key: Key) -> float | None:
        """Look at a pool once, and return after how many seconds to look again, if nothing happens before."""
        obj = self.store.pools.get(key)
        uid = obj["metadata"]["uid"] if obj is not None else ""
        if self._uids.get(key, uid) != uid:
            self._forget(key)
        if obj is None:
            return None
        # First, and whatever becomes of the rest: chats of a pool that is refused, paused or going are protected like any other's.
        marked = await self._mark(key, obj)
        again = await self._look(key, obj, marked)
        marked.check()
        return min(again, default=None)

    async def _look(self, key: Key, obj: Object, marked: Marked) -> list[float]:
        if "deletionTimestamp" in obj["metadata"]:
            return [*marked.again]
        self._uids[key] = obj["metadata"]["uid"]
        pool = self._read.get(key, (obj,), lambda: read_pool(obj))
        if isinstance(pool, str):
            await self.reporter.refuse(obj, pool)
            return [STEADY_SECONDS, *marked.again]
        return await self._reconcile(key, obj, pool, marked)

    async def _reconcile(
        self, key: Key, obj: Object, pool: BridgeInstancePool, marked: Marked
    ) -> list[float]:
        moment = Moment(now=self.clock(), wall=self.wall_clock())
        observed = self._observe(key, pool, moment)
        wish = self._settle(key, obj, pool, observed, moment.now)
        instances = instances_of(pool, observed, self._failing.get(key, {}), moment.now)
        self._failing[key] = failing_revisions(observed, instances)
        revisions = choose_revisions(
            pool,
            self._current.get(key, (pool,), lambda: current_revisions(pool, self.children.settings)),
            observed,
            instances,
            config_maps=self._config_maps(key),
            now=moment.now,
        )
        plan = make_plan([wanted_pool(pool, wish, revisions)], instances, moment.now)
        if not self._knows_enough(observed):
            plan = without_new_cordons(plan, moment.now)
        facts = self.reporter.facts(pool, observed, wish=wish, revisions=revisions, plan=plan)
        facts = replace(facts, load_trouble=self.feeds.trouble())
        try:
            if waits_for_first_number(pool.spec):
                await self.writer.set_first_replicas(obj, pool.spec.autoscaling.min_instances)
            again = await self._act(pool, observed, revisions, plan)
            marked.check()
        except KubeError as failed:
            if is_for_a_person(failed):
                await self.reporter.report(obj, pool, facts, refused=failed.message)
            raise
        await self.reporter.report(obj, pool, facts)
        return [*again, *marked.again, *times_to_look(plan, wish, revisions, moment.now)]

    async def _act(
        self,
        pool: BridgeInstancePool,
        observed: Observed,
        revisions: Revisions,
        plan: Sequence[Action],
    ) -> list[float]:
        """Carry out the plan, and return after how many seconds to look again."""
        again = [await self.departures.hold(observed)]
        if not pool.spec.paused:
            await self._have_objects(pool, observed, revisions, plan)
            again.append(await self._carry_out(pool, observed, plan))
        again.append(SOON_SECONDS if self.feeds.forgetting else None)
        return [STEADY_SECONDS, *(pause for pause in again if pause is not None)]

    def _observe(self, key: Key, pool: BridgeInstancePool, moment: Moment) -> Observed:
        children = {
            resource.plural: self.store.children(resource, key)
            for resource in (DEPLOYMENTS, REPLICA_SETS, PODS)
        }
        return observe(
            pool,
            children,
            self.instances.word,
            moment,
        )

    def _settle(
        self, key: Key, obj: Object, pool: BridgeInstancePool, observed: Observed, now: float
    ) -> Wish:
        wish = self.wishes.get(key)
        if wish is None:
            wish = begin(pool, found_before(obj, observed), now)
        self.wishes[key] = after = settle(pool, self._load(pool, observed, now), wish, now)
        self.reporter.tell_of_scaling(key, before=wish, after=after)
        return after

    def _load(self, pool: BridgeInstancePool, observed: Observed, now: float) -> Load | None:
        ready = sum(pod.serves and not pod.terminating for pod in observed.pods)
        return add_up(self.feeds.heard(), pool.key, now, ready_instances=ready)

    def _config_maps(self, key: Key) -> dict[str, Object]:
        return {one["metadata"]["name"]: one for one in self.store.children(CONFIG_MAPS, key)}

    async def _have_objects(
        self, pool: BridgeInstancePool, observed: Observed, revisions: Revisions, plan: Sequence[Action]
    ) -> None:
        """Have all objects, and as many replicas as the plan starts instances of each revision."""
        starts = Counter(
            (action.profile, action.template_hash) for action in plan if action.verb is Verb.START
        )
        await self.children.ensure(pool, revisions.all)
        known: dict[str, Object] = {}
        for revision in revisions.current:
            found = observed.revision(revision.profile, revision.template_hash)
            more = starts.get((revision.profile, revision.template_hash), 0)
            known[revision.name] = await self.children.ensure_revision(pool, revision, found, replicas=more)
        for found in observed.revisions:
            deployment = known.get(found.name) or await self.children.keep_replica_set(found)
            more = starts.get((found.profile, found.template_hash), 0)
            if more and number_of(deployment) == found.replicas:  # otherwise a fresh look counts anew
                await self.writer.set_replicas(deployment, found.replicas + more)
                log.info(
                    "more instances", pool=pool.key, deployment=found.name, replicas=found.replicas + more
                )
        await self._note_rollouts(revisions)
        await self.children.remove_revisions(pool, observed, revisions)

    async def _note_rollouts(self, revisions: Revisions) -> None:
        """Write down at the Deployment that its revision is complete, or has failed: the next operator goes by it."""
        for rollout in revisions.rollouts:
            mark = COMPLETE if rollout.newly_complete else FAILED if rollout.newly_failed else None
            if mark is not None and rollout.found is not None:
                await self.writer.annotate_deployment(rollout.found.obj, {mark: rollout.verdict.reason})

    async def _carry_out(
        self, pool: BridgeInstancePool, observed: Observed, plan: Sequence[Action]
    ) -> float | None:
        """Ask pods, and let go those that may; tells after how many seconds a next step is due."""
        asks = [action for action in plan if action.verb in (Verb.CORDON, Verb.UNCORDON)]
        await together(self._ask(place_of(pool), observed, action) for action in asks)
        leaving = {action.instance for action in plan if action.verb is Verb.DRAIN}
        await self.departures.lift_cordons(observed, but=leaving | {action.instance for action in asks})
        await self.departures.take_back_marks(observed, but=leaving)
        return await self.departures.let_go(observed, leaving)

    def _knows_enough(self, observed: Observed) -> bool:
        """Tell whether to choose who goes: not while pods have still to say how busy they are, nor while we are blind."""
        unheard = any(self.instances.may_speak(pod.uid) for pod in observed.pods if pod.started)
        return not unheard and not self.store.is_blind

    async def _ask(self, key: Key, observed: Observed, action: Action) -> None:
        pod = observed.pod(action.instance)
        if pod is None:
            return
        self.reporter.tell(key, action)
        if action.verb is Verb.CORDON:
            await self.instances.cordon(pod.uid)
        else:
            await self.instances.uncordon(pod.uid)

    async def _mark(self, key: Key, obj: Object) -> Marked:
        moment = Moment(now=self.clock(), wall=self.wall_clock())
        uid = obj["metadata"]["uid"]
        pods = observe_pods(uid, self.store.children(PODS, key), self.instances.word, moment)
        return await mark_pods(self.writer, pods, protect=protects(obj), now=moment.now)

    def _forget(self, key: Key) -> None:
        self._failing.pop(key, None)
        self.wishes.pop(key, None)
        self._read.forget(key)
        self._current.forget(key)
        self.children.forget(self._uids.pop(key, ""))
        self.reporter.forget(key)
