"""What has happened between two looks at a pool, as far as a person wants to know."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from bridge_operator.status.facts import PoolFacts, RolloutState
from bridge_operator.status.reasons import Trouble, told


class EventType(StrEnum):
    NORMAL = "Normal"
    WARNING = "Warning"


class Happening(NamedTuple):
    type: EventType
    reason: str
    message: str


NOTHING_YET = PoolFacts()


def happenings(before: PoolFacts | None, after: PoolFacts) -> Iterator[Happening]:
    """Yield what has happened; `before` is None at the first look, when troubles are news and numbers are not."""
    if before is not None:
        yield from _scaled(before, after)
    yield from _rolled(before or NOTHING_YET, after)
    yield from _troubled(before or NOTHING_YET, after)


def busy_instance_killed(instance: str, chats: int, how: str) -> Happening:
    """Tell that chats were lost with their instance."""
    message = f"{instance} has ended ({how}) while it had {chats} chat{'' if chats == 1 else 's'}"
    return Happening(EventType.WARNING, "BusyInstanceKilled", message)


def _scaled(before: PoolFacts, after: PoolFacts) -> Iterator[Happening]:
    if after.wanted == before.wanted:
        return
    reason = "ScaledUp" if after.wanted > before.wanted else "ScaledDown"
    why = f": {after.decision.message}" if after.decision is not None else ""
    message = f"from {before.wanted} to {after.wanted} instances{why}"
    yield Happening(EventType.NORMAL, reason, message)


_ROLLOUT = {
    RolloutState.UNDER_WAY: (EventType.NORMAL, "RolloutStarted"),
    RolloutState.DONE: (EventType.NORMAL, "RolloutComplete"),
    RolloutState.PARTITIONED: (EventType.NORMAL, "RolloutPartitioned"),
    RolloutState.PAUSED: (EventType.NORMAL, "RolloutPaused"),
    RolloutState.FAILED: (EventType.WARNING, "RolloutFailed"),
}


def _rolled(before: PoolFacts, after: PoolFacts) -> Iterator[Happening]:
    if after.rollout.state is not before.rollout.state:
        kind, reason = _ROLLOUT[after.rollout.state]
        yield Happening(kind, reason, _told_of_rollout(after))


def _told_of_rollout(facts: PoolFacts) -> str:
    revision = f"revision {facts.template_hash}"
    if facts.rollout.state is RolloutState.UNDER_WAY:
        return f"{revision} replaces the one before"  # how far it is, is the condition's to tell
    return facts.rollout.message or revision


def _troubled(before: PoolFacts, after: PoolFacts) -> Iterator[Happening]:
    """A trouble is told when it comes, not again for each pod that has it too; and when the last one has been mended."""
    known = {trouble.reason for trouble in _told_as_trouble(before)}
    now: dict[str, list[Trouble]] = {}
    for trouble in _told_as_trouble(after):
        now.setdefault(trouble.reason, []).append(trouble)
    for reason, alike in now.items():
        if reason not in known:
            yield Happening(EventType.WARNING, reason, told(alike))
    went_back = after.rollout.state is RolloutState.FAILED  # what was wrong has gone with its pods
    if known and not now and not went_back:
        yield Happening(EventType.NORMAL, "Recovered", f"no longer: {', '.join(sorted(known))}")


def _told_as_trouble(facts: PoolFacts) -> list[Trouble]:
    """Leave out what the rollout tells already."""
    return [one for one in facts.all_troubles if one.reason != RolloutState.FAILED]
