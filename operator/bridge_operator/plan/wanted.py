"""What a plan knows of a pool: how many instances it wants, and of which kind."""

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

    def is_current(self, one: ObservedInstance) -> bool:
        """Tell whether an instance was started as its profile is wanted now."""
        return any(
            profile.name == one.profile and profile.template_hash == one.template_hash
            for profile in self.profiles
        )
