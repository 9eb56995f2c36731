"""What to do so that each pool has the instances it wants: a pure function of what is wanted, what is there, and when."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    START = "start"
    DRAIN = "drain"
    STOP = "stop"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class WantedPool:
    key: str
    instances: int
    template_hash: str
    not_before: float = float("-inf")
    """When the next start is allowed after failures."""


@dataclass(frozen=True, slots=True)
class ObservedInstance:
    name: str
    pool: str
    template_hash: str
    started_at: float
    ready: bool = False
    busy_slots: int = 0
    drain_until: float | None = None
    """When it must be gone; None: it is not draining."""

    @property
    def draining(self) -> bool:
        return self.drain_until is not None


@dataclass(frozen=True, slots=True)
class Action:
    verb: Verb
    pool: str
    reason: str
    message: str
    instance: str = ""
    """Whom to drain or stop."""

    until: float | None = None
    """With `none`: when to look again, if nothing happens before."""


def make_plan(pools: Sequence[WantedPool], instances: Sequence[ObservedInstance], now: float) -> list[Action]:
    """Decide for every pool; the same world gives the same plan, and a world as wanted gives none but `none`."""
    wanted = {pool.key: pool for pool in pools}
    actions = [*_overdue(instances, now), *_orphaned(instances, wanted)]
    for pool in pools:
        actions += _for_pool(pool, [one for one in instances if one.pool == pool.key], now)
    return actions


def _overdue(instances: Iterable[ObservedInstance], now: float) -> Iterator[Action]:
    for one in instances:
        if one.drain_until is None:
            continue
        if now >= one.drain_until:
            message = f"{one.name} has not ended in its drain time"
            yield Action(Verb.STOP, one.pool, "DrainTimeout", message, one.name)
        else:
            message = f"{one.name} finishes its chats"
            yield Action(Verb.NONE, one.pool, "Draining", message, one.name, until=one.drain_until)


def _orphaned(instances: Iterable[ObservedInstance], wanted: dict[str, WantedPool]) -> Iterator[Action]:
    for one in instances:
        if one.pool not in wanted and not one.draining:
            yield Action(
                Verb.DRAIN, one.pool, "PoolRemoved", f"pool {one.pool} is no longer wanted", one.name
            )


def _for_pool(pool: WantedPool, instances: list[ObservedInstance], now: float) -> list[Action]:
    live = [one for one in instances if not one.draining]
    outdated = [one for one in live if one.template_hash != pool.template_hash]
    idle_outdated = [one for one in outdated if not one.ready]
    if idle_outdated:
        return [_drain_outdated(pool, one, "and serves nothing") for one in idle_outdated]
    if len(live) < pool.instances:
        return _start(
            pool, pool.instances - len(live), "TooFew", f"{len(live)} of {pool.instances} are there", now
        )
    if outdated:
        return _roll(pool, live, outdated, now, drained=len(live) == len(instances))
    if len(live) > pool.instances:
        surplus = sorted(live, key=_least_missed)[: len(live) - pool.instances]
        message = f"{len(live)} are there, {pool.instances} are wanted"
        return [Action(Verb.DRAIN, pool.key, "TooMany", message, one.name) for one in surplus]
    return [Action(Verb.NONE, pool.key, "AsWanted", f"{len(live)} instances, as wanted")]


def _roll(
    pool: WantedPool,
    live: list[ObservedInstance],
    outdated: list[ObservedInstance],
    now: float,
    *,
    drained: bool,
) -> list[Action]:
    """Replace one at a time: never more than one browser above the wanted number, and none below it."""
    unready = [one for one in live if one not in outdated and not one.ready]
    if unready:
        return [
            Action(Verb.NONE, pool.key, "WaitingForReady", f"{unready[0].name} starts before an old one goes")
        ]
    if len(live) > pool.instances:
        return [_drain_outdated(pool, min(outdated, key=_least_missed), "and its successor is ready")]
    if not drained:
        return [
            Action(Verb.NONE, pool.key, "WaitingForDrain", "the next one follows when the last one has left")
        ]
    return _start(pool, 1, "TemplateChanged", f"{len(outdated)} instances have the old template", now)


def _start(pool: WantedPool, count: int, reason: str, message: str, now: float) -> list[Action]:
    if now < pool.not_before:
        waits = f"{message}; the next try is in {pool.not_before - now:.1f} s"
        return [Action(Verb.NONE, pool.key, "BackingOff", waits, until=pool.not_before)]
    return [Action(Verb.START, pool.key, reason, message)] * count


def _drain_outdated(pool: WantedPool, one: ObservedInstance, why: str) -> Action:
    return Action(Verb.DRAIN, pool.key, "TemplateChanged", f"{one.name} has the old template {why}", one.name)


def _least_missed(one: ObservedInstance) -> tuple[bool, int, float]:
    """Order by what is lost: nothing with one that is not ready, little with an idle one, warmth with an old one."""
    return one.ready, one.busy_slots, -one.started_at
