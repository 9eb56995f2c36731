"""What one look decides besides the plan: what the plan is asked for, what is put off, and when to look again."""

from collections.abc import Sequence
from dataclasses import replace

from bridge_api.pool import BridgeInstancePool
from bridge_operator.autoscaler.wish import Wish
from bridge_operator.cluster.observe import Observed
from bridge_operator.cluster.revisions import Revisions
from bridge_operator.plan import Action, Verb, WantedPool, WantedProfile
from bridge_operator.resources.objects import Object

SOON_SECONDS = 1.0
"""While something is under way that time alone may change."""

SHORTEST_SECONDS = 0.05
"""A time that is over already is no reason to look without a pause."""


def wanted_pool(pool: BridgeInstancePool, wish: Wish, revisions: Revisions) -> WantedPool:
    """Say for the plan how many of which revisions there are to be."""
    rollout = pool.spec.rollout
    bounds = {profile.name: profile.max_instances for profile in pool.spec.profiles}
    return WantedPool(
        key=pool.key,
        instances=wish.desired,
        profiles=tuple(
            WantedProfile(
                rollout.wanted.profile,
                rollout.wanted.template_hash,
                bounds.get(rollout.wanted.profile),
                old_hash=rollout.old_hash,
            )
            for rollout in revisions.rollouts
        ),
        paused=pool.spec.paused,
        max_surge=rollout.max_surge,
        partition=rollout.partition,
        rollout_paused=rollout.paused,
    )


def without_new_cordons(plan: Sequence[Action], now: float) -> list[Action]:
    """Put off choosing who goes."""
    message = "not every pod has said yet how busy it is, or the API server is away"
    later = Action(Verb.NONE, "", "WaitingForWord", message, until=now + SOON_SECONDS)
    return [
        replace(later, pool=action.pool, instance=action.instance) if action.verb is Verb.CORDON else action
        for action in plan
    ]


def found_before(obj: Object, observed: Observed) -> int | None:
    """Return how many there were to be before we began; None: the pool is new."""
    if not observed.revisions:
        return None
    desired = obj.get("status", {}).get("desiredInstances")
    return int(desired) if desired is not None else observed.replicas


def times_to_look(plan: Sequence[Action], wish: Wish, revisions: Revisions, now: float) -> list[float]:
    """Say when time alone may change the plan or the number."""
    untils = [action.until for action in plan] + [rollout.verdict.until for rollout in revisions.rollouts]
    times = [max(SHORTEST_SECONDS, until - now) for until in untils if until is not None]
    return [*times, SOON_SECONDS] if wish.waits_for_time else times
