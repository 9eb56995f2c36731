"""How instances start: with which profile, not before the back-off is over, and why none does."""

from collections import Counter

from bridge_operator.plan.actions import Action, Verb
from bridge_operator.plan.observed import ObservedInstance
from bridge_operator.plan.profiles import WantedProfile, choose, why_none
from bridge_operator.plan.wanted import WantedPool


def choose_profiles(pool: WantedPool, instances: list[ObservedInstance], count: int) -> list[WantedProfile]:
    there = Counter(one.profile for one in instances)
    live = Counter(one.profile for one in instances if not one.draining)
    return choose(pool.profiles, there, live, count)


def start(
    pool: WantedPool, profiles: list[WantedProfile], reason: str, message: str, now: float
) -> list[Action]:
    if profiles and now < pool.not_before:
        waits = f"{message}; the next try is in {pool.not_before - now:.1f} s"
        return [Action(Verb.NONE, pool.key, "BackingOff", waits, until=pool.not_before)]
    return [Action(Verb.START, pool.key, reason, message, profile=profile.name) for profile in profiles]


def no_profile(pool: WantedPool, message: str) -> Action:
    reason, why = why_none(pool.profiles)
    return Action(Verb.NONE, pool.key, reason, f"{message}; {why}")
