"""How an instance goes: no new chats first, its end when the last one has ended, and back while it is still there."""

from bridge_operator.plan.actions import Action, Verb
from bridge_operator.plan.observed import ObservedInstance

CORDON_SECONDS = 30.0
"""A cordon's time to live: after it, the instance of a dead operator takes chats again."""

RENEW_SECONDS = 15.0
"""A cordon with less time left than this is renewed: two tries fit in."""


def part_with(one: ObservedInstance, reason: str, message: str, now: float) -> Action:
    """Begin to end an instance: at once where nothing is lost, else by keeping new chats away."""
    if one.serves_nothing:
        return Action(Verb.DRAIN, one.pool, reason, f"{message}; {one.name} serves nothing", one.name)
    if now < one.asked_until:
        return _asked(one)
    return _cordon(one, reason, message)


def _cordon(one: ObservedInstance, reason: str, message: str) -> Action:
    return Action(Verb.CORDON, one.pool, reason, message, one.name)


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
        return _cordon(one, "StillBusy", f"{one.name} still chats")
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


def first_to_leave(one: ObservedInstance, now: float) -> tuple[bool, tuple[bool, bool, bool, int, float]]:
    """Order by who has been asked already, so that nobody else is asked meanwhile, then by what is lost."""
    return one.asked_until <= now, least_missed(one)


def least_missed(one: ObservedInstance) -> tuple[bool, bool, bool, int, float]:
    """Order by what is lost: nothing with one that is not ready, little with an idle one, warmth with an old one.

    A blocked one is last: its limit, or what a person is doing there, would be lost with it. Who cannot go before such a one
    is last but that.
    """
    return one.blocked, bool(one.held_by), one.ready, one.busy_slots, -one.started_at
