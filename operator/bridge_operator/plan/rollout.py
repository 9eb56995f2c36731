"""How instances that are no longer as wanted are replaced by those that are."""

from bridge_operator.plan.actions import Action, Verb
from bridge_operator.plan.leaving import least_missed
from bridge_operator.plan.observed import ObservedInstance
from bridge_operator.plan.starting import choose_profiles, no_profile, start
from bridge_operator.plan.wanted import WantedPool


def find_outdated(pool: WantedPool, live: list[ObservedInstance]) -> list[ObservedInstance]:
    """List those that are not as wanted: of an old template, or too many of their profile."""
    outdated = [one for one in live if not pool.is_current(one)]
    for profile in pool.profiles:
        current = [one for one in live if one.profile == profile.name and one not in outdated]
        if profile.max_instances is not None and len(current) > profile.max_instances:
            ordered = sorted(current, key=lambda one: least_missed(pool, one))
            outdated += ordered[: len(current) - profile.max_instances]
    return outdated


def roll(
    pool: WantedPool,
    serving: list[ObservedInstance],
    outdated: list[ObservedInstance],
    instances: list[ObservedInstance],
    now: float,
) -> list[Action]:
    """Replace one at a time: never more than one browser above the wanted number, and none below it."""
    unready = [one for one in serving if one not in outdated and not one.ready]
    if unready:
        return [
            Action(
                Verb.NONE,
                pool.key,
                "WaitingForReady",
                f"{unready[0].name} must be ready before an old one goes; `bridge get instances` shows how it is",
            )
        ]
    if len(serving) > pool.instances:
        victim = min(outdated, key=lambda one: least_missed(pool, one))
        return [drain_outdated(pool, victim, "and its successor is ready")]
    if len(serving) < len(instances):
        return [
            Action(Verb.NONE, pool.key, "WaitingForDrain", "the next one follows when the last one has left")
        ]
    chosen = choose_profiles(pool, instances, 1)
    if not chosen:
        return [_make_room(pool, outdated)]
    return start(pool, chosen, "TemplateChanged", f"{len(outdated)} instances are not as wanted", now)


def _make_room(pool: WantedPool, outdated: list[ObservedInstance]) -> Action:
    """Let one go first, where its profile allows no second one beside it but can have a successor."""
    startable = {profile.name for profile in pool.profiles if profile.obstacle is None}
    movable = [one for one in outdated if one.profile in startable]
    if not movable:
        return no_profile(pool, f"{len(outdated)} instances are not as wanted")
    victim = min(movable, key=lambda one: least_missed(pool, one))
    return drain_outdated(pool, victim, "and its profile has no room for another beside it")


def drain_outdated(pool: WantedPool, one: ObservedInstance, why: str) -> Action:
    if pool.is_current(one):
        message = f"{one.name} is one too many of its profile {why}"
        return Action(Verb.DRAIN, pool.key, "ProfileLimit", message, one.name)
    return Action(Verb.DRAIN, pool.key, "TemplateChanged", f"{one.name} has the old template {why}", one.name)
