"""How instances that are no longer as wanted give way to those that are, without a gap and within the surge."""

from bridge_operator.plan.actions import Action, Verb
from bridge_operator.plan.census import Census
from bridge_operator.plan.leaving import first_to_leave, least_missed, part_with
from bridge_operator.plan.observed import ObservedInstance
from bridge_operator.plan.starting import back_off, choose_profiles, no_profile


def to_replace(census: Census, too_few: int, back: int) -> int:
    """Count those to start because of their revision alone, beside `too_few` for the number; `back` are taken back."""
    if not census.going.serving:
        return 0
    room = census.pool.instances + census.pool.max_surge - len(census.live)
    return max(0, min(census.missing - back, room) - too_few)


def let_old_ones_go(census: Census, ready_leaving: int, now: float) -> list[Action]:
    """Part with as many as there are ready ones to spare; `ready_leaving` of them leave already."""
    silent = [one for one in census.going.serving if not one.ready]
    ready = sorted(
        (one for one in census.going.serving if one.ready), key=lambda one: first_to_leave(one, now)
    )
    spare = max(0, census.ready_serving - ready_leaving - census.within_reach)
    return [_replace(census, one, "and is not needed", now) for one in silent + ready[:spare]]


def make_room(census: Census, now: float) -> list[Action]:
    """Let one go first, where its profile allows no second one beside it but can have a successor.

    One at a time: none before the last one has left and its successor is ready, and none while there are some to spare.
    """
    movable = _movable(census, census.going.serving)
    under_way = census.going.leaving or census.draining or census.useless
    if not movable or under_way or census.ready_serving != census.within_reach:
        return []
    if now < census.pool.not_before:
        return [back_off(census, f"{len(movable)} instances are not as wanted", now)]
    victim = min(movable, key=lambda one: first_to_leave(one, now))
    return [_replace(census, victim, "and its profile has no room for another beside it", now)]


def makes_room(census: Census, now: float) -> bool:
    """Tell whether one is on its way out so that its successor can start: it is not taken back to fill the gap it leaves."""
    return (
        now >= census.pool.not_before
        and not choose_profiles(census, 1)
        and bool(_movable(census, census.going.leaving))
    )


def needed_back(census: Census, ready_back: int, now: float) -> list[ObservedInstance]:
    """Choose old ones on their way out that still serve while too few others are ready; `ready_back` come back anyway."""
    short = census.within_reach - census.ready_serving - ready_back - makes_room(census, now)
    ready = [one for one in census.going.leaving if one.ready]
    return sorted(ready, key=least_missed, reverse=True)[: max(0, short)]


def why_it_waits(census: Census) -> Action:
    """Say what the next step of a rollout waits for."""
    pool = census.pool
    unready = [one for one in census.staying.serving if not one.ready]
    if unready:
        message = (
            f"{unready[0].name} must be ready before an old one goes; `bridge get instances` shows how it is"
        )
        return Action(Verb.NONE, pool.key, "WaitingForReady", message)
    if census.leaving or census.draining or census.useless:
        message = "the next one follows when the last one has left"
        return Action(Verb.NONE, pool.key, "WaitingForDrain", message)
    return no_profile(census, f"{len(census.going.serving)} instances are not as wanted")


def drain_useless(census: Census) -> list[Action]:
    return [
        Action(Verb.DRAIN, one.pool, *_why(census, one, "and serves nothing"), one.name)
        for one in census.useless
    ]


def _replace(census: Census, one: ObservedInstance, why: str, now: float) -> Action:
    reason, message = _why(census, one, why)
    return part_with(one, reason, message, now)


def _why(census: Census, one: ObservedInstance, why: str) -> tuple[str, str]:
    if census.pool.is_current(one):
        return "ProfileLimit", f"{one.name} is one too many of its profile {why}"
    return "TemplateChanged", f"{one.name} has the old template {why}"


def _movable(census: Census, instances: list[ObservedInstance]) -> list[ObservedInstance]:
    startable = {profile.name for profile in census.pool.profiles if profile.obstacle is None}
    return [one for one in instances if one.profile in startable]
