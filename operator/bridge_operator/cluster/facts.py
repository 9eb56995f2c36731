"""Gathers what a pool's status is made from."""

from collections.abc import Iterable, Sequence

from bridge_api.pool import BridgeInstancePool
from bridge_operator.autoscaler.wish import Wish
from bridge_operator.cluster.observe import Observed
from bridge_operator.cluster.raw import runs
from bridge_operator.cluster.revisions import Revisions
from bridge_operator.plan import Action, Verb
from bridge_operator.plan.holding import HELD
from bridge_operator.plan.revisions import Progress
from bridge_operator.resources.objects import Object
from bridge_operator.status.facts import PoolFacts, Rollout, RolloutState
from bridge_operator.status.pods import pod_troubles, replica_set_troubles
from bridge_operator.status.reasons import REVISION_UNREADABLE, Trouble

HOLDS_BACK = frozenset({"ProfileLimit"})
"""Reasons of the plan not to start an instance that is wanted."""


def gather_facts(
    pool: BridgeInstancePool,
    observed: Observed,
    *,
    wish: Wish,
    revisions: Revisions,
    plan: Sequence[Action],
    models: tuple[str, ...],
    replica_sets: Iterable[Object],
) -> PoolFacts:
    live = [pod for pod in observed.pods if not pod.terminating]
    leaving = [pod for pod in live if pod.heard is not None and pod.heard.cordon_until is not None]
    hashes = [revision.template_hash for revision in revisions.wanted]
    return PoolFacts(
        wanted=wish.desired,
        replicas=len(live),
        ready=sum(pod.serves for pod in live),
        draining=len(leaving) + len(observed.pods) - len(live),
        template_hash=hashes[0] if hashes else "",
        models=models,
        decision=wish.decision,
        rollout=_rollout(pool, revisions, plan),
        blocked=_blocked(plan),
        held=next((action.message for action in plan if action.reason == HELD), ""),
        troubles=(*_unreadable(revisions), *_troubles(observed, replica_sets)),
    )


def _rollout(pool: BridgeInstancePool, revisions: Revisions, plan: Sequence[Action]) -> Rollout:
    failed = next(
        (one for one in revisions.rollouts if one.went_back or _is_stuck(one.verdict.progress)), None
    )
    if failed is not None:
        message = f"revision {failed.spec_hash} has not become ready in {pool.spec.rollout.progress_deadline_seconds} s"
        return Rollout(RolloutState.FAILED, failed.verdict.message if not failed.went_back else message)
    said = {action.reason: action.message for action in plan if action.verb is Verb.NONE}
    if "RolloutPaused" in said:
        return Rollout(RolloutState.PAUSED, said["RolloutPaused"])
    under_way = next(
        (one for one in revisions.rollouts if one.verdict.progress is Progress.PROGRESSING), None
    )
    if under_way is not None and under_way.old_hash is not None:
        return Rollout(RolloutState.UNDER_WAY, under_way.verdict.message)
    if "Partition" in said:
        return Rollout(RolloutState.PARTITIONED, said["Partition"])
    return Rollout()


def _is_stuck(progress: Progress) -> bool:
    return progress is Progress.STUCK


def _blocked(plan: Sequence[Action]) -> Trouble | None:
    for action in plan:
        if action.verb is Verb.NONE and action.reason in HOLDS_BACK:
            return Trouble(action.reason, action.message)
    return None


def _unreadable(revisions: Revisions) -> Iterable[Trouble]:
    for name in revisions.unreadable:
        yield Trouble(
            REVISION_UNREADABLE, f"ConfigMap {name} of an earlier revision holds no pool that can be read"
        )


def _troubles(observed: Observed, replica_sets: Iterable[Object]) -> Iterable[Trouble]:
    for pod in observed.pods:
        yield from pod_troubles(pod.obj)
        if pod.heard is not None and not pod.terminating:
            yield from pod.heard.troubles
        if pod.unheard and pod.started and runs(pod.obj) and not pod.terminating:
            yield Trouble("InstanceUnreachable", f"the operator does not hear it: {pod.unheard}", pod.name)
    for replica_set in replica_sets:
        yield from replica_set_troubles(replica_set)
