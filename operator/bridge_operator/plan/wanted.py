"""What a plan knows of a pool: how many instances it wants, of which kind, and how an old revision gives way to a new one."""

from dataclasses import dataclass

from bridge_operator.plan.observed import ObservedInstance
from bridge_operator.plan.profiles import WantedProfile


@dataclass(frozen=True, slots=True)
class WantedPool:
    key: str
    instances: int
    profiles: tuple[WantedProfile, ...]
    """At least one; a pool without profiles has one without a name."""

    not_before: float = float("-inf")
    """When the next start is allowed after failures."""

    paused: bool = False
    """Hands off."""

    max_surge: int = 1
    """So many live ones beyond the wanted number while a revision replaces another; those that drain do not count."""

    partition: int = 0
    """So many stay on the old revision."""

    rollout_paused: bool = False
    """All that are on an old revision stay there; the number is still kept."""

    def is_current(self, one: ObservedInstance) -> bool:
        """Tell whether an instance was started as its profile is wanted now."""
        return any(
            profile.name == one.profile and profile.template_hash == one.template_hash
            for profile in self.profiles
        )

    def has_profile_of(self, one: ObservedInstance) -> bool:
        return any(profile.name == one.profile for profile in self.profiles)
