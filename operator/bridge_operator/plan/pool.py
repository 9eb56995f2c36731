"""What to do so that one pool has the instances it wants: the number first, then the revision."""

from bridge_operator.plan.actions import Action, Verb
from bridge_operator.plan.leaving import fewer, least_missed, let_go, take_back
from bridge_operator.plan.observed import ObservedInstance
from bridge_operator.plan.rollout import drain_outdated, find_outdated, roll
from bridge_operator.plan.starting import choose_profiles, no_profile, start
from bridge_operator.plan.wanted import WantedPool


def for_pool(pool: WantedPool, instances: list[ObservedInstance], now: float) -> list[Action]:
    if pool.paused:
        return [Action(Verb.NONE, pool.key, "Paused", "spec.paused: hands off")]
    live = [one for one in instances if not one.draining]
    outdated = find_outdated(pool, live)
    idle_outdated = [one for one in outdated if one.serves_nothing]
    if idle_outdated:
        return [drain_outdated(pool, one, "and serves nothing") for one in idle_outdated]
    leaving = [one for one in live if one.leaving]
    serving = [one for one in live if not one.leaving]
    if len(serving) < pool.instances and (more := _more(pool, serving, leaving, instances, now)):
        return more
    go_on = [let_go(one, now) for one in leaving]
    outdated = [one for one in outdated if not one.leaving]
    if outdated:
        return go_on + roll(pool, serving, outdated, instances, now)
    return go_on + _all_current(pool, serving, now)


def _all_current(pool: WantedPool, serving: list[ObservedInstance], now: float) -> list[Action]:
    if len(serving) > pool.instances:
        return fewer(pool, serving, now)
    if len(serving) < pool.instances:
        return [no_profile(pool, f"{len(serving)} of {pool.instances} are there")]
    return [Action(Verb.NONE, pool.key, "AsWanted", f"{len(serving)} instances, as wanted")]


def _more(
    pool: WantedPool,
    serving: list[ObservedInstance],
    leaving: list[ObservedInstance],
    instances: list[ObservedInstance],
    now: float,
) -> list[Action]:
    """Take back those that are on their way out, and start what is still missing and may be."""
    missing = pool.instances - len(serving)
    message = f"{len(serving)} of {pool.instances} are there"
    back = sorted(leaving, key=lambda one: least_missed(pool, one), reverse=True)[:missing]
    actions = [take_back(one, message, now) for one in back]
    actions += [let_go(one, now) for one in leaving if one not in back]
    return actions + start(
        pool, choose_profiles(pool, instances, missing - len(back)), "TooFew", message, now
    )
