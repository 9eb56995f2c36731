"""The tokens between router, pods and operator, each from the master token."""

from collections.abc import Mapping
from pathlib import Path

from bridge_router.core.pool import Pool
from bridge_runtime.tokens import bearer_matches, load_token, pool_token


class Tokens:
    """The master token, where there is one, and what follows from it."""

    def __init__(self, master: str | None) -> None:
        self._master = master

    @classmethod
    def read(cls, path: Path | None) -> "Tokens":
        """Read the master token's file.

        Raises:
            ValueError: The file is empty.
        """
        if path is None:
            return cls(None)
        master = path.read_text(encoding="utf-8").strip()
        if not master:
            raise ValueError(f"{path} is empty: it must hold the master token")
        return cls(master)

    @property
    def known(self) -> bool:
        return self._master is not None

    def of(self, pool: Pool) -> str | None:
        """Derive a pool's token, or None without a master."""
        if self._master is None:
            return None
        return pool_token(self._master, pool.resource.metadata.uid or pool.key)

    def admits(self, headers: Mapping[str, str], pool: Pool | None) -> bool:
        """Tell whether a bearer may hear the load of one pool, or with None of all."""
        if self._master is None:
            return True
        if bearer_matches(headers, load_token(self._master)):
            return True
        token = self.of(pool) if pool is not None else None
        return token is not None and bearer_matches(headers, token)
