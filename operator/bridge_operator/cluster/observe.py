"""What is there of a pool, made of raw objects and of what its pods say: the side of the plan that is not wanted but found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bridge_api import names
from bridge_api.pool import BridgeInstancePool
from bridge_operator.cluster.deployments import controller_uid, keeps_its_pods, number_of
from bridge_operator.cluster.heard import Heard, Word
from bridge_operator.cluster.raw import (
    condition_of,
    deletion_cost,
    has_ended,
    has_started,
    is_ready,
    runs,
)
from bridge_operator.resources.objects import Object


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedRevision:
    """A Deployment of the pool."""

    name: str
    profile: str
    template_hash: str
    replicas: int
    created_at: float
    failed: bool
    complete: bool
    has_replica_set: bool
    """There is one of its present template, or one that has pods, which another one beside it would cost their lives."""

    paused: bool
    obj: Object


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPod:
    name: str
    uid: str
    profile: str
    template_hash: str
    terminating: bool
    ready: bool
    """As Kubernetes sees it: what a ReplicaSet goes by."""

    changed_at: float
    """When it became ready or ceased to be."""

    created_at: float
    cost: int
    labelled_busy: bool
    heard: Heard | None
    asked_until: float
    unheard: str
    """Why it has not been heard for a while."""

    obj: Object

    @property
    def busy_slots(self) -> int:
        """Count the chats as it said last; one that has started and has said nothing yet may have any number.

        With its process its chats have ended.
        """
        if not runs(self.obj):
            return 0
        if self.heard is not None:
            return self.heard.busy_slots
        return 1 if self.started else 0

    @property
    def started(self) -> bool:
        """Whether it may have chatted: a router asks even one that is not ready, if it waits for a person."""
        return has_started(self.obj)

    @property
    def serves(self) -> bool:
        """Whether a router can use it."""
        heard_well = self.heard is None or not self.heard.connected or self.heard.ready
        return self.ready and heard_well


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Now, on the clock of plans, and what the clock of the cluster's timestamps says."""

    now: float
    wall: float

    def at(self, timestamp: str | None) -> float:
        """Put an API timestamp (RFC 3339) on the clock of plans; none is later than now, whatever our wall clock says."""
        if not timestamp:
            return self.now
        return self.now - max(0.0, self.wall - datetime.fromisoformat(timestamp).timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    revisions: tuple[ObservedRevision, ...]
    pods: tuple[ObservedPod, ...]

    def revision(self, profile: str, template_hash: str) -> ObservedRevision | None:
        return next((one for one in self.revisions if _is_of(one, profile, template_hash)), None)

    def pod(self, name: str) -> ObservedPod | None:
        return next((pod for pod in self.pods if pod.name == name), None)

    def pods_of(self, revision: ObservedRevision) -> list[ObservedPod]:
        """List those that are there to stay, as far as Kubernetes knows."""
        return [
            pod
            for pod in self.pods
            if not pod.terminating and _is_of(pod, revision.profile, revision.template_hash)
        ]

    def going(self) -> set[str]:
        """Name the pods that Kubernetes has been told to have fewer of, and has not ended yet."""
        going: set[str] = set()
        for revision in self.revisions:
            pods = self.pods_of(revision)
            going |= {pod.name for pod in going_by_now(pods, len(pods) - revision.replicas)}
        return going

    def has_pods_of(self, revision: ObservedRevision) -> bool:
        """Tell whether one is there, be it on its way out."""
        return any(_is_of(pod, revision.profile, revision.template_hash) for pod in self.pods)

    @property
    def replicas(self) -> int:
        return sum(revision.replicas for revision in self.revisions)


def observe(
    pool: BridgeInstancePool,
    children: Mapping[str, Iterable[Object]],
    words: Callable[[str], Word],
    moment: Moment,
) -> Observed:
    """Read what belongs to exactly this pool, not to an earlier one of its name.

    `children`: `deployments`, `replicasets` and `pods`. `words` returns by UID what a pod says.
    """
    uid = pool.metadata.uid
    replica_sets = list(children["replicasets"])
    return Observed(
        revisions=tuple(
            _revision(one, replica_sets, moment)
            for one in children["deployments"]
            if controller_uid(one) == uid
        ),
        pods=observe_pods(uid, children["pods"], words, moment),
    )


def observe_pods(
    pool_uid: str, pods: Iterable[Object], words: Callable[[str], Word], moment: Moment
) -> tuple[ObservedPod, ...]:
    """Read the pods of exactly one pool."""
    return tuple(
        _pod(one, words(one["metadata"]["uid"]), moment)
        for one in pods
        if one["metadata"]["labels"].get(names.POOL_UID_LABEL) == pool_uid and not has_ended(one)
    )


def going_by_now(pods: list[ObservedPod], count: int) -> list[ObservedPod]:
    """Return the pods that a ReplicaSet takes which has been told to have so many fewer."""
    ordered = sorted(pods, key=lambda pod: (pod.ready, pod.cost, -pod.created_at))
    return ordered[: max(0, count)]


def _revision(deployment: Object, replica_sets: Iterable[Object], moment: Moment) -> ObservedRevision:
    metadata, spec = deployment["metadata"], deployment["spec"]
    return ObservedRevision(
        name=metadata["name"],
        profile=metadata["labels"].get(names.PROFILE_LABEL, ""),
        template_hash=metadata["labels"].get(names.TEMPLATE_HASH_LABEL, ""),
        replicas=number_of(deployment),
        created_at=moment.at(metadata.get("creationTimestamp")),
        failed=names.FAILED in metadata.get("annotations", {}),
        complete=names.COMPLETE in metadata.get("annotations", {}),
        has_replica_set=any(keeps_its_pods(deployment, one) for one in replica_sets),
        paused=bool(spec.get("paused")),
        obj=deployment,
    )


def _pod(pod: Object, word: Word, moment: Moment) -> ObservedPod:
    metadata = pod["metadata"]
    labels = metadata["labels"]
    ready = condition_of(pod, "Ready")
    return ObservedPod(
        name=metadata["name"],
        uid=metadata["uid"],
        profile=labels.get(names.PROFILE_LABEL, ""),
        template_hash=labels.get(names.TEMPLATE_HASH_LABEL, ""),
        terminating="deletionTimestamp" in metadata,
        ready=is_ready(pod),
        changed_at=moment.at(ready.get("lastTransitionTime") if ready else None),
        created_at=moment.at(metadata.get("creationTimestamp")),
        cost=deletion_cost(pod),
        labelled_busy=labels.get(names.BUSY_LABEL) == "true",
        heard=word.heard,
        asked_until=word.asked_until,
        unheard=word.unheard,
        obj=pod,
    )


def _is_of(one: ObservedRevision | ObservedPod, profile: str, template_hash: str) -> bool:
    return one.profile == profile and one.template_hash == template_hash
