"""Who cannot go although it is to: a ReplicaSet would take another one first, which is to stay, for as long as that is not ready."""

from collections.abc import Sequence

from bridge_operator.plan.actions import Action, Verb
from bridge_operator.plan.leaving import take_back
from bridge_operator.plan.observed import ObservedInstance

HELD = "HeldByUnreadyInstance"


def hold_back(actions: Sequence[Action], instances: Sequence[ObservedInstance], now: float) -> list[Action]:
    """Keep those that cannot go, and let chats come to them again; they are looked at when the other one has changed."""
    going = _going(actions, instances)
    held = {
        one.name: one
        for one in instances
        if one.name in going and not one.draining and not going.issuperset(one.held_by)
    }
    kept = [action for action in actions if action.instance not in held]
    return kept + [_keep(one, _who_stays(one, going), now) for one in held.values()]


def _going(actions: Sequence[Action], instances: Sequence[ObservedInstance]) -> set[str]:
    back = {action.instance for action in actions if action.verb is Verb.UNCORDON}
    there = {one.name for one in instances if one.draining or (one.leaving and one.name not in back)}
    return there | {action.instance for action in actions if action.verb in (Verb.CORDON, Verb.DRAIN)}


def _who_stays(one: ObservedInstance, going: set[str]) -> str:
    return min(name for name in one.held_by if name not in going)


def _keep(one: ObservedInstance, other: str, now: float) -> Action:
    message = (
        f"{other} is not ready and waits for its site or for a person: it would go in place of another one"
    )
    if one.leaving:
        return take_back(one, message, now)
    return Action(Verb.NONE, one.pool, HELD, message, one.name)
