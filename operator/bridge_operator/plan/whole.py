"""What to do so that each pool has the instances it wants: a pure function of what is wanted, what is there, and when.

An instance that is one too many is cordoned first, goes once it says that it is idle, and is taken back if it is wanted
again before that.
"""

from collections.abc import Iterable, Iterator, Sequence

from bridge_operator.plan.actions import Action, Verb
from bridge_operator.plan.observed import ObservedInstance
from bridge_operator.plan.pool import for_pool
from bridge_operator.plan.wanted import WantedPool


def make_plan(pools: Sequence[WantedPool], instances: Sequence[ObservedInstance], now: float) -> list[Action]:
    """Decide for every pool; the same world gives the same plan, and a world as wanted gives none but `none`."""
    wanted = {pool.key: pool for pool in pools}
    actions = [*_overdue(instances, now), *_orphaned(instances, wanted)]
    for pool in pools:
        actions += for_pool(pool, [one for one in instances if one.pool == pool.key], now)
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
