"""The instances of one pool, counted by what is to become of them: who stays, who is to be replaced, who is on the way out."""

from dataclasses import dataclass
from typing import NamedTuple

from bridge_operator.plan.leaving import least_missed
from bridge_operator.plan.observed import ObservedInstance
from bridge_operator.plan.wanted import WantedPool


class Group(NamedTuple):
    serving: list[ObservedInstance]
    """New chats may come to them, now or as soon as they are ready."""

    leaving: list[ObservedInstance]
    """They take no new chats, and can still be taken back."""


@dataclass(frozen=True, slots=True)
class Census:
    pool: WantedPool
    everyone: list[ObservedInstance]
    """Those that drain, too: they take up room in their profile."""

    staying: Group
    """As wanted, or held on the old revision."""

    going: Group
    """To be replaced: of an old revision, of a profile that is gone, or one too many of their profile."""

    useless: list[ObservedInstance]
    """To be replaced, and nothing is lost with them: neither group has them."""

    held: frozenset[str]
    """Names of those that stay although their revision is old."""

    @property
    def serving(self) -> list[ObservedInstance]:
        return self.staying.serving + self.going.serving

    @property
    def leaving(self) -> list[ObservedInstance]:
        return self.staying.leaving + self.going.leaving

    @property
    def live(self) -> list[ObservedInstance]:
        return self.serving + self.leaving

    @property
    def draining(self) -> list[ObservedInstance]:
        return [one for one in self.everyone if one.draining]

    @property
    def ready_serving(self) -> int:
        return sum(one.ready for one in self.serving)

    @property
    def missing(self) -> int:
        """How many more have to stay; negative: so many are too many."""
        return self.pool.instances - len(self.staying.serving)

    @property
    def within_reach(self) -> int:
        """How many of the wanted instances there can be: bounds and obstacles of profiles may forbid the rest.

        Whoever can have no successor counts for as long as it is there.
        """
        startable = {profile.name for profile in self.pool.profiles if profile.obstacle is None}
        reach = sum(one.profile not in startable for one in self.live)
        for profile in self.pool.profiles:
            if profile.name in startable:
                bound = profile.max_instances
                reach += self.pool.instances if bound is None else bound
        return min(reach, self.pool.instances)


def take_census(pool: WantedPool, instances: list[ObservedInstance]) -> Census:
    live = [one for one in instances if not one.draining]
    held = _held(pool, live)
    going = _going(pool, live, held)
    useless = [one for one in live if one.name in going and one.serves_nothing]
    useful = [one for one in live if one not in useless]
    return Census(
        pool,
        instances,
        _group([one for one in useful if one.name not in going]),
        _group([one for one in useful if one.name in going]),
        useless,
        held,
    )


def _group(instances: list[ObservedInstance]) -> Group:
    return Group([one for one in instances if not one.leaving], [one for one in instances if one.leaving])


def _held(pool: WantedPool, live: list[ObservedInstance]) -> frozenset[str]:
    """Choose who stays on the old revision: whoever serves, and would be missed most."""
    old = [one for one in live if pool.has_profile_of(one) and not pool.is_current(one)]
    if pool.rollout_paused:
        return frozenset(one.name for one in old)
    ordered = sorted(old, key=lambda one: (not one.leaving, least_missed(one)), reverse=True)
    return frozenset(one.name for one in ordered[: min(pool.partition, pool.instances)])


def _going(pool: WantedPool, live: list[ObservedInstance], held: frozenset[str]) -> set[str]:
    going = {one.name for one in live if one.name not in held and not pool.is_current(one)}
    for profile in pool.profiles:
        stay = [one for one in live if one.profile == profile.name and one.name not in going]
        if profile.max_instances is not None and len(stay) > profile.max_instances:
            ordered = sorted(stay, key=least_missed)
            going |= {one.name for one in ordered[: len(stay) - profile.max_instances]}
    return going
