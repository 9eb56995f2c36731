"""Which profile a new instance gets: a pure choice, by how many instances each profile has and may have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Obstacle(NamedTuple):
    """Why no instance of a profile can start."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class WantedProfile:
    name: str
    """Empty: the one profile of a pool that has none."""

    template_hash: str
    max_instances: int | None = None
    obstacle: Obstacle | None = None
    old_hash: str | None = None
    """The revision that a rollout under way comes from, where the backend can still start it."""

    def has_room(self, instances: int) -> bool:
        """Tell whether one more may start beside so many."""
        if self.obstacle is not None:
            return False
        return self.max_instances is None or instances < self.max_instances


def choose(
    profiles: Sequence[WantedProfile], there: Mapping[str, int], live: Mapping[str, int], count: int
) -> list[WantedProfile]:
    """Choose the profiles of up to `count` new instances: each time the one with the fewest live ones that has room.

    `there` counts the instances of each profile that have not ended yet, `live` those of them that are to stay.
    """
    chosen: list[WantedProfile] = []
    for _ in range(count):
        added = [profile.name for profile in chosen]
        free = [one for one in profiles if one.has_room(there.get(one.name, 0) + added.count(one.name))]
        if not free:
            break
        chosen.append(min(free, key=lambda one: live.get(one.name, 0) + added.count(one.name)))
    return chosen


def why_none(profiles: Iterable[WantedProfile]) -> Obstacle:
    """Say why no profile has room for an instance."""
    for profile in profiles:
        if profile.obstacle is not None:
            return profile.obstacle
    return Obstacle("ProfileLimit", "every profile has as many instances as its maxInstances allows")
