"""What to do so that one pool has the instances it wants: as many as it wants, and of the revision it wants."""

from bridge_operator.plan.actions import Action, Verb
from bridge_operator.plan.census import Census, take_census
from bridge_operator.plan.holding import hold_back
from bridge_operator.plan.leaving import first_to_leave, least_missed, let_go, part_with, take_back
from bridge_operator.plan.observed import ObservedInstance
from bridge_operator.plan.rollout import (
    drain_useless,
    let_old_ones_go,
    make_room,
    needed_back,
    to_replace,
    why_it_waits,
)
from bridge_operator.plan.starting import choose_profiles, no_profile, start
from bridge_operator.plan.wanted import WantedPool


def for_pool(pool: WantedPool, instances: list[ObservedInstance], now: float) -> list[Action]:
    if pool.paused:
        return [Action(Verb.NONE, pool.key, "Paused", "spec.paused: hands off")]
    census = take_census(pool, instances)
    back = _whom_to_take_back(census, now)
    wants = f"{len(census.serving)} of {pool.instances} are there"
    actions = drain_useless(census)
    actions += [take_back(one, wants, now) for one in back]
    actions += [let_go(one, now) for one in census.leaving if one not in back]
    changes = _more(census, back, now) + _fewer(census, now)
    wanted = actions + changes if changes or back else [*actions, _settled(census)]
    return hold_back(wanted, instances, now)


def _whom_to_take_back(census: Census, now: float) -> list[ObservedInstance]:
    """Those that are as wanted for the number; old ones only while too few are ready."""
    ordered = sorted(census.staying.leaving, key=least_missed, reverse=True)
    back = ordered[: max(0, census.missing)]
    return back + needed_back(census, sum(one.ready for one in back), now)


def _more(census: Census, back: list[ObservedInstance], now: float) -> list[Action]:
    too_few = max(0, census.pool.instances - len(census.serving) - len(back))
    to_roll = to_replace(census, too_few, sum(one in census.staying.leaving for one in back))
    if too_few + to_roll == 0:
        return []
    profiles = choose_profiles(census, too_few + to_roll)
    return start(census, profiles, too_few, now) if profiles else make_room(census, now)


def _fewer(census: Census, now: float) -> list[Action]:
    """Part with those that are too many, and with old ones for which others are there."""
    too_many = max(0, -census.missing)
    ordered = sorted(census.staying.serving, key=lambda one: (_kept(census, one), first_to_leave(one, now)))
    surplus = ordered[:too_many]
    message = f"{len(census.serving)} are there, {census.pool.instances} are wanted"
    actions = [part_with(one, "TooMany", message, now) for one in surplus]
    return actions + let_old_ones_go(census, sum(one.ready for one in surplus), now)


def _kept(census: Census, one: ObservedInstance) -> bool:
    """Tell whether the partition keeps it; a paused rollout prefers nobody."""
    return one.name in census.held and not census.pool.rollout_paused


def _settled(census: Census) -> Action:
    pool, there = census.pool, len(census.staying.serving)
    if census.going.serving:
        return why_it_waits(census)
    if there < pool.instances:
        return no_profile(census, f"{there} of {pool.instances} are there")
    if census.held:
        reason, why = (
            ("RolloutPaused", "rollout.paused") if pool.rollout_paused else ("Partition", "rollout.partition")
        )
        message = f"{why}: {len(census.held)} of {there} instances stay on the old revision"
        return Action(Verb.NONE, pool.key, reason, message)
    return Action(Verb.NONE, pool.key, "AsWanted", f"{there} instances, as wanted")
