"""How an instance goes: no new chats first, its end when the last one has ended, and back while it is still there."""

from bridge_operator.plan.actions import Action, Verb
from bridge_operator.plan.observed import ObservedInstance
from bridge_operator.plan.wanted import WantedPool

CORDON_SECONDS = 30.0
"""A cordon's time to live: after it, the instance of a dead operator takes chats again."""

RENEW_SECONDS = 15.0
"""A cordon with less time left than this is renewed: two tries fit in."""


def fewer(pool: WantedPool, serving: list[ObservedInstance], now: float) -> list[Action]:
    ordered = sorted(serving, key=lambda one: (one.asked_until <= now, least_missed(pool, one)))
    message = f"{len(serving)} are there, {pool.instances} are wanted"
    return [part_with(one, message, now) for one in ordered[: len(serving) - pool.instances]]


def part_with(one: ObservedInstance, message: str, now: float) -> Action:
    if one.serves_nothing:
        return Action(Verb.DRAIN, one.pool, "TooMany", f"{message}; {one.name} serves nothing", one.name)
    if now < one.asked_until:
        return _asked(one)
    return Action(Verb.CORDON, one.pool, "TooMany", message, one.name)


def let_go(one: ObservedInstance, now: float) -> Action:
    """End an instance that has kept new chats away since before its last word, and says that none is left."""
    if one.busy_slots == 0:
        return Action(
            Verb.DRAIN, one.pool, "Idle", f"{one.name} takes no new chats, and its last has ended", one.name
        )
    cordon_until = one.cordon_until or now
    if now < one.asked_until:
        return _asked(one)
    if cordon_until - now < RENEW_SECONDS:
        return Action(Verb.CORDON, one.pool, "StillBusy", f"{one.name} still chats", one.name)
    message = f"{one.name} goes when its {one.busy_slots} chats have ended"
    return Action(
        Verb.NONE, one.pool, "WaitingForIdle", message, one.name, until=cordon_until - RENEW_SECONDS
    )


def take_back(one: ObservedInstance, message: str, now: float) -> Action:
    if now < one.asked_until:
        return _asked(one)
    return Action(Verb.UNCORDON, one.pool, "WantedAgain", f"{message}; {one.name} is taken back", one.name)


def _asked(one: ObservedInstance) -> Action:
    return Action(Verb.NONE, one.pool, "Asked", f"{one.name} has been asked", one.name, until=one.asked_until)


def least_missed(pool: WantedPool, one: ObservedInstance) -> tuple[bool, bool, bool, int, float]:
    """Order by what is lost: nothing with an outdated one or one that is not ready, little with an idle one, warmth with an old one.

    A blocked one is last: its limit, or what a person is doing there, would be lost with it.
    """
    return pool.is_current(one), one.blocked, one.ready, one.busy_slots, -one.started_at
