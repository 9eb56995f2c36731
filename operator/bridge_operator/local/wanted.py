"""The pools as they are wanted now: each with a UID that stays, and a back-off that an edit forgets."""

import uuid
from collections.abc import Callable, Iterable, Mapping

from bridge_api.pool import BridgeInstancePool, template_hash
from bridge_operator.local.backoff import Backoff
from bridge_operator.plan import Obstacle, WantedPool, WantedProfile

Obstacles = Mapping[tuple[str, str], Obstacle]
"""By pool and profile, for those that have one."""


class WantedPools:
    def __init__(self, *, random: Callable[[], float]) -> None:
        self.pools: dict[str, BridgeInstancePool] = {}
        self._uids: dict[str, str] = {}
        self._backoffs: dict[str, Backoff] = {}
        self._random = random

    def replace(self, pools: Iterable[BridgeInstancePool]) -> list[str]:
        """Want these pools from now on, and say in a few words what has changed."""
        before, self.pools = self.pools, {pool.key: self._with_uid(pool) for pool in pools}
        changes = [f"{key} is gone" for key in before.keys() - self.pools.keys()]
        for key, pool in self.pools.items():
            if key not in before:
                changes.append(f"{key} is new")
            elif pool.spec != before[key].spec:
                self._backoffs.pop(key, None)
                changes.append(f"{key} has changed")
        return sorted(changes)

    def for_plan(self, desired: Callable[[str], int], obstacles: Obstacles) -> list[WantedPool]:
        return [
            WantedPool(
                key=key,
                instances=desired(key),
                profiles=_profiles(pool, obstacles),
                not_before=self._backoffs.get(key, Backoff()).not_before,
                paused=pool.spec.paused,
                max_surge=pool.spec.rollout.max_surge,
                partition=pool.spec.rollout.partition,
                rollout_paused=pool.spec.rollout.paused,
            )
            for key, pool in self.pools.items()
        ]

    def note_death(self, key: str, *, now: float, healthy_seconds: float) -> float:
        """Count a death, and return for how many seconds no instance of the pool is started."""
        backoff = self._backoffs.get(key, Backoff())
        backoff = backoff.after_failure(now=now, healthy_seconds=healthy_seconds, random=self._random)
        self._backoffs[key] = backoff
        return backoff.not_before - now

    def _with_uid(self, pool: BridgeInstancePool) -> BridgeInstancePool:
        uid = self._uids.setdefault(pool.key, pool.metadata.uid or str(uuid.uuid4()))
        return pool.model_copy(update={"metadata": pool.metadata.model_copy(update={"uid": uid})})


def _profiles(pool: BridgeInstancePool, obstacles: Obstacles) -> tuple[WantedProfile, ...]:
    if not pool.spec.profiles:
        return (WantedProfile("", template_hash(pool.spec)),)
    return tuple(
        WantedProfile(
            profile.name,
            template_hash(pool.spec, profile.name),
            profile.max_instances,
            obstacles.get((pool.key, profile.name)),
        )
        for profile in pool.spec.profiles
    )
