"""Brings the objects of a pool to what they are to be; writes nothing where nothing differs."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bridge_api.names import INTENT
from bridge_api.pool import BridgeInstancePool
from bridge_operator.cluster.kept import Kept
from bridge_operator.cluster.observe import Observed, ObservedRevision
from bridge_operator.cluster.revisions import Revisions
from bridge_operator.cluster.store import place_of
from bridge_operator.cluster.together import together
from bridge_operator.cluster.writer import Writer
from bridge_operator.resources.children import make_children
from bridge_operator.resources.config_map import make_config_map
from bridge_operator.resources.deployment import make_deployment
from bridge_operator.resources.differences import differs
from bridge_operator.resources.revision import Revision
from bridge_operator.resources.settings import ClusterSettings
from bridge_runtime.kube import KubeError, Object, Resource
from bridge_runtime.kube.errors import ALREADY_EXISTS
from bridge_runtime.kube.resource import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    DISRUPTION_BUDGETS,
    NETWORK_POLICIES,
    SECRETS,
    SERVICE_ACCOUNTS,
    SERVICES,
)
from bridge_runtime.logs import get_logger

BLIND_SECONDS = 600.0
"""A Secret cannot be read, so it is written again this often: somebody may have deleted it."""

KINDS: dict[str, Resource] = {
    "ServiceAccount": SERVICE_ACCOUNTS,
    "Secret": SECRETS,
    "NetworkPolicy": NETWORK_POLICIES,
    "Service": SERVICES,
    "PodDisruptionBudget": DISRUPTION_BUDGETS,
    "ConfigMap": CONFIG_MAPS,
    "Deployment": DEPLOYMENTS,
}

log = get_logger("operator")


@dataclass(slots=True, kw_only=True)
class Children:
    writer: Writer
    settings: ClusterSettings
    token_of: Callable[[BridgeInstancePool], str]
    clock: Callable[[], float]
    _checked: dict[tuple[str, Resource, str], tuple[str, str]] = field(default_factory=dict)
    """By pool UID, kind and name: the version and the intent that were found to agree."""

    _made: Kept[list[Object]] = field(default_factory=Kept)
    """By pool UID: what it has once, and its ConfigMaps."""

    _deployments: dict[str, Kept[Object]] = field(default_factory=lambda: defaultdict(Kept))
    """By pool UID; there by profile and whether it is paused."""

    _secret_written: dict[str, float] = field(default_factory=dict)
    """By pool UID: when."""

    async def ensure(self, pool: BridgeInstancePool, revisions: Sequence[Revision]) -> None:
        """Have what a pool has once, and the ConfigMap of each revision.

        Raises:
            KubeError: The pool is gone, and what it had with it; or the API server refuses.
        """
        intents = self._made.get(pool.metadata.uid, (pool, *revisions), lambda: self._make(pool, revisions))
        if self._is_missing_one(pool, intents):
            await self.writer.confirm(pool)
        stale = [intent for intent in intents if self._is_stale(pool, intent)]
        await together(self._write(pool, intent) for intent in stale)
        await self._remove_what_is_not_wanted(pool, intents)

    async def ensure_revision(
        self, pool: BridgeInstancePool, revision: Revision, observed: ObservedRevision | None, replicas: int
    ) -> Object:
        """Have the Deployment of a current revision: made with so many instances, and paused once it can be.

        Returned as it is then. No apply ever has the number: only who makes it and `/scale` say that.
        """
        if observed is None:
            return await self._make_deployment(pool, revision, replicas)
        paused = observed.paused or observed.has_replica_set
        intent = self._deployments[pool.metadata.uid].get(
            (revision.profile, paused),
            (revision,),
            lambda: make_deployment(revision, self.settings, replicas=None, paused=paused),
        )
        if self._is_stale(pool, intent):
            return await self._write(pool, _exactly(observed.obj, intent))
        return await self.keep_replica_set(observed)

    async def keep_replica_set(self, observed: ObservedRevision) -> Object:
        """Keep a Deployment paused while it has a ReplicaSet, and let it make one where that is gone.

        Unpaused it would otherwise roll; paused it would otherwise never have a pod again.
        """
        if observed.has_replica_set and not observed.paused:
            return await self.writer.pause(observed.obj)
        if observed.paused and not observed.has_replica_set:
            log.info("a Deployment has lost its ReplicaSet", deployment=observed.name)
            return await self.writer.unpause(observed.obj)
        return observed.obj

    async def remove_revisions(
        self, pool: BridgeInstancePool, observed: Observed, revisions: Revisions
    ) -> None:
        """Remove the revisions that nothing is left of, and that nobody may go back to."""
        for revision in observed.revisions:
            if revisions.keeps(revision) or revision.replicas or observed.has_pods_of(revision):
                continue
            log.info("removing a revision", pool=pool.key, deployment=revision.name)
            await self.writer.delete(DEPLOYMENTS, revision.obj)
            config_map = self.writer.store.child(CONFIG_MAPS, place_of(pool), revision.name)
            if config_map is not None:
                await self.writer.delete(CONFIG_MAPS, config_map)

    def forget(self, uid: str) -> None:
        """Drop what is remembered of a pool that is gone."""
        self._secret_written.pop(uid, None)
        self._made.forget(uid)
        self._deployments.pop(uid, None)
        for known in [known for known in self._checked if known[0] == uid]:
            del self._checked[known]

    async def _make_deployment(self, pool: BridgeInstancePool, revision: Revision, replicas: int) -> Object:
        """Make it, or where one is there that we did not know of, put it right and leave it its number."""
        try:
            intent = make_deployment(revision, self.settings, replicas=replicas, paused=False)
            return await self.writer.create(DEPLOYMENTS, intent)
        except KubeError as refused:
            if refused.reason != ALREADY_EXISTS:
                raise
        log.info("a Deployment was there already", pool=pool.key, deployment=revision.name)
        intent = make_deployment(revision, self.settings, replicas=None, paused=True)
        return await self._write(pool, intent)

    def _make(self, pool: BridgeInstancePool, revisions: Sequence[Revision]) -> list[Object]:
        once = make_children(pool, self.settings, self.token_of(pool))
        return once + [make_config_map(revision) for revision in revisions]

    def _is_missing_one(self, pool: BridgeInstancePool, intents: Iterable[Object]) -> bool:
        """Tell whether an object is to be made; each ConfigMap has a Deployment beside it, and a Secret cannot be seen."""
        wanted = [(KINDS[one["kind"]], one["metadata"]["name"]) for one in intents]
        wanted += [(DEPLOYMENTS, name) for resource, name in wanted if resource is CONFIG_MAPS]
        store, key = self.writer.store, place_of(pool)
        return any(store.child(what, key, name) is None for what, name in wanted if what is not SECRETS)

    def _is_stale(self, pool: BridgeInstancePool, intent: Object) -> bool:
        resource, name, uid = KINDS[intent["kind"]], intent["metadata"]["name"], pool.metadata.uid
        if resource is SECRETS:
            return self.clock() - self._secret_written.get(uid, float("-inf")) >= BLIND_SECONDS
        observed = self.writer.store.child(resource, place_of(pool), name)
        if observed is None:
            return True
        agreed = (observed["metadata"]["resourceVersion"], intent["metadata"]["annotations"][INTENT])
        if self._checked.get((uid, resource, name)) == agreed:
            return False
        if (where := differs(intent, observed)) is not None:
            log.info("an object is not as wanted", pool=pool.key, kind=intent["kind"], name=name, where=where)
            return True
        self._checked[uid, resource, name] = agreed
        return False

    async def _write(self, pool: BridgeInstancePool, intent: Object) -> Object:
        resource = KINDS[intent["kind"]]
        written = await self.writer.apply(resource, intent)
        if resource is SECRETS:
            self._secret_written[pool.metadata.uid] = self.clock()
        return written

    async def _remove_what_is_not_wanted(self, pool: BridgeInstancePool, intents: list[Object]) -> None:
        """Remove the budget of a pool that lets nodes evict its busy pods, and the ConfigMap of a revision that is gone."""
        wanted = {(KINDS[intent["kind"]], intent["metadata"]["name"]) for intent in intents}
        for resource in (DISRUPTION_BUDGETS, CONFIG_MAPS):
            for child in self.writer.store.children(resource, place_of(pool)):
                name = child["metadata"]["name"]
                needed = self.writer.store.child(DEPLOYMENTS, place_of(pool), name) is not None
                if _is_owned(child, pool) and (resource, name) not in wanted and not needed:
                    await self.writer.delete(resource, child)


def _is_owned(child: Object, pool: BridgeInstancePool) -> bool:
    owners = child["metadata"].get("ownerReferences") or ()
    return any(owner["uid"] == pool.metadata.uid for owner in owners)


def _exactly(observed: Object, intent: Object) -> Object:
    """Have an apply change what was read, and make nothing anew where that is gone: it would have the number 1."""
    return {**intent, "metadata": {**intent["metadata"], "uid": observed["metadata"]["uid"]}}
