"""What to do so that each pool has the instances it wants: a pure function of what is wanted, what is there, and when.

An instance that is one too many is cordoned first, goes once it says that it is idle, and is taken back if it is wanted
again before that.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bridge_operator.local.observed import ObservedInstance, WantedPool
from bridge_operator.local.profiles import WantedProfile, choose, why_none

CORDON_SECONDS = 30.0
"""A cordon's time to live: after it, the instance of a dead operator takes chats again."""

RENEW_SECONDS = 15.0
"""A cordon with less time left than this is renewed: two tries fit in."""


class Verb(StrEnum):
    START = "start"
    CORDON = "cordon"
    UNCORDON = "uncordon"
    DRAIN = "drain"
    STOP = "stop"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Action:
    verb: Verb
    pool: str
    reason: str
    message: str
    instance: str = ""
    """Who is meant."""

    profile: str = ""
    """With `start`: which of the pool's profiles it gets."""

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
    if pool.paused:
        return [Action(Verb.NONE, pool.key, "Paused", "spec.paused: hands off")]
    live = [one for one in instances if not one.draining]
    outdated = _outdated(pool, live)
    idle_outdated = [one for one in outdated if one.serves_nothing]
    if idle_outdated:
        return [_drain_outdated(pool, one, "and serves nothing") for one in idle_outdated]
    leaving = [one for one in live if one.leaving]
    serving = [one for one in live if not one.leaving]
    if len(serving) < pool.instances and (more := _more(pool, serving, leaving, instances, now)):
        return more
    go_on = [_let_go(one, now) for one in leaving]
    outdated = [one for one in outdated if not one.leaving]
    if outdated:
        return go_on + _roll(pool, serving, outdated, instances, now)
    return go_on + _all_current(pool, serving, now)


def _all_current(pool: WantedPool, serving: list[ObservedInstance], now: float) -> list[Action]:
    if len(serving) > pool.instances:
        return _fewer(pool, serving, now)
    if len(serving) < pool.instances:
        return [_no_profile(pool, f"{len(serving)} of {pool.instances} are there")]
    return [Action(Verb.NONE, pool.key, "AsWanted", f"{len(serving)} instances, as wanted")]


def _outdated(pool: WantedPool, live: list[ObservedInstance]) -> list[ObservedInstance]:
    """List those that are not as wanted: of an old template, or too many of their profile."""
    outdated = [one for one in live if not pool.is_current(one)]
    for profile in pool.profiles:
        current = [one for one in live if one.profile == profile.name and one not in outdated]
        if profile.max_instances is not None and len(current) > profile.max_instances:
            ordered = sorted(current, key=lambda one: _least_missed(pool, one))
            outdated += ordered[: len(current) - profile.max_instances]
    return outdated


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
    back = sorted(leaving, key=lambda one: _least_missed(pool, one), reverse=True)[:missing]
    actions = [_take_back(one, message, now) for one in back]
    actions += [_let_go(one, now) for one in leaving if one not in back]
    return actions + _start(pool, _choose(pool, instances, missing - len(back)), "TooFew", message, now)


def _take_back(one: ObservedInstance, message: str, now: float) -> Action:
    if now < one.asked_until:
        return _asked(one)
    return Action(Verb.UNCORDON, one.pool, "WantedAgain", f"{message}; {one.name} is taken back", one.name)


def _fewer(pool: WantedPool, serving: list[ObservedInstance], now: float) -> list[Action]:
    ordered = sorted(serving, key=lambda one: (one.asked_until <= now, _least_missed(pool, one)))
    message = f"{len(serving)} are there, {pool.instances} are wanted"
    return [_part_with(one, message, now) for one in ordered[: len(serving) - pool.instances]]


def _part_with(one: ObservedInstance, message: str, now: float) -> Action:
    if one.serves_nothing:
        return Action(Verb.DRAIN, one.pool, "TooMany", f"{message}; {one.name} serves nothing", one.name)
    if now < one.asked_until:
        return _asked(one)
    return Action(Verb.CORDON, one.pool, "TooMany", message, one.name)


def _let_go(one: ObservedInstance, now: float) -> Action:
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


def _asked(one: ObservedInstance) -> Action:
    return Action(Verb.NONE, one.pool, "Asked", f"{one.name} has been asked", one.name, until=one.asked_until)


def _roll(
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
        victim = min(outdated, key=lambda one: _least_missed(pool, one))
        return [_drain_outdated(pool, victim, "and its successor is ready")]
    if len(serving) < len(instances):
        return [
            Action(Verb.NONE, pool.key, "WaitingForDrain", "the next one follows when the last one has left")
        ]
    chosen = _choose(pool, instances, 1)
    if not chosen:
        return [_make_room(pool, outdated)]
    return _start(pool, chosen, "TemplateChanged", f"{len(outdated)} instances are not as wanted", now)


def _make_room(pool: WantedPool, outdated: list[ObservedInstance]) -> Action:
    """Let one go first, where its profile allows no second one beside it but can have a successor."""
    startable = {profile.name for profile in pool.profiles if profile.obstacle is None}
    movable = [one for one in outdated if one.profile in startable]
    if not movable:
        return _no_profile(pool, f"{len(outdated)} instances are not as wanted")
    victim = min(movable, key=lambda one: _least_missed(pool, one))
    return _drain_outdated(pool, victim, "and its profile has no room for another beside it")


def _choose(pool: WantedPool, instances: list[ObservedInstance], count: int) -> list[WantedProfile]:
    there = Counter(one.profile for one in instances)
    live = Counter(one.profile for one in instances if not one.draining)
    return choose(pool.profiles, there, live, count)


def _no_profile(pool: WantedPool, message: str) -> Action:
    reason, why = why_none(pool.profiles)
    return Action(Verb.NONE, pool.key, reason, f"{message}; {why}")


def _start(
    pool: WantedPool, profiles: list[WantedProfile], reason: str, message: str, now: float
) -> list[Action]:
    if profiles and now < pool.not_before:
        waits = f"{message}; the next try is in {pool.not_before - now:.1f} s"
        return [Action(Verb.NONE, pool.key, "BackingOff", waits, until=pool.not_before)]
    return [Action(Verb.START, pool.key, reason, message, profile=profile.name) for profile in profiles]


def _drain_outdated(pool: WantedPool, one: ObservedInstance, why: str) -> Action:
    if pool.is_current(one):
        message = f"{one.name} is one too many of its profile {why}"
        return Action(Verb.DRAIN, pool.key, "ProfileLimit", message, one.name)
    return Action(Verb.DRAIN, pool.key, "TemplateChanged", f"{one.name} has the old template {why}", one.name)


def _least_missed(pool: WantedPool, one: ObservedInstance) -> tuple[bool, bool, bool, int, float]:
    """Order by what is lost: nothing with an outdated one or one that is not ready, little with an idle one, warmth with an old one.

    A blocked one is last: its limit, or what a person is doing there, would be lost with it.
    """
    return pool.is_current(one), one.blocked, one.ready, one.busy_slots, -one.started_at
