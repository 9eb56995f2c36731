"""The directory that stands in for Secrets, `DIR/<secret>/<key>`: what a profile needs of it, and whether that is there."""

from collections.abc import Iterable
from pathlib import Path

from bridge_api.pool import BridgeInstancePool
from bridge_api.proxy import SERVER_KEY, SecretUnusable
from bridge_api.spec.site import ProfileSpec
from bridge_operator.local.wanted import Obstacles
from bridge_operator.plan import Obstacle
from bridge_runtime.logs import get_logger
from bridge_runtime.secret_dir import read_proxy

LOOK_AGAIN_SECONDS = 2.0
"""A Secret that is wanted is looked for this often: soon enough for a person who has just written it."""

log = get_logger("operator")


class SecretsDir:
    def __init__(self, directory: Path | None) -> None:
        self._directory = directory and directory.absolute()
        self._told: Obstacles = {}

    def proxy_dir(self, pool: BridgeInstancePool, profile: str) -> Path | None:
        """Return where the keys of a profile's proxy are; None: it has no proxy."""
        named = (one.proxy_secret for one in pool.spec.profiles if one.name == profile)
        secret = next(named, None)
        return self._directory / secret if self._directory and secret else None

    def look(self, pools: Iterable[BridgeInstancePool]) -> Obstacles:
        """Find what keeps profiles from starting, and tell each time that this changes."""
        found = {
            (pool.key, profile.name): obstacle
            for pool in pools
            for profile in pool.spec.profiles
            if (obstacle := self._obstacle(profile)) is not None
        }
        for where, obstacle in found.items():
            if self._told.get(where) != obstacle:
                _tell(*where, obstacle)
        for pool, profile in self._told.keys() - found.keys():
            log.info("the profile has what it needs", pool=pool, profile=profile)
        self._told = found
        return found

    def _obstacle(self, profile: ProfileSpec) -> Obstacle | None:
        if profile.proxy_secret is None:
            return None
        if self._directory is None:
            wanted = f"DIR/{profile.proxy_secret}/{SERVER_KEY}"
            return Obstacle(
                "SecretMissing",
                f"Secret {profile.proxy_secret} is wanted, and there is no directory of Secrets: start with "
                f"--secrets-dir DIR, and put the proxy's address into {wanted}.",
            )
        try:
            read_proxy(self._directory / profile.proxy_secret)
        except SecretUnusable as unusable:
            return Obstacle(unusable.reason, unusable.message)
        return None


def _tell(pool: str, profile: str, obstacle: Obstacle) -> None:
    log.error(
        "no instance of this profile is started",
        pool=pool,
        profile=profile,
        reason=obstacle.reason,
        why=obstacle.message,
    )
