"""The pool as this instance has it now: what it was started with, and the edits that reach a running instance."""

from bridge_api.pool import BridgeInstancePool, edited_live
from bridge_api.spec import PoolSpec


class LivePool:
    """Read at each use, never kept: an edit holds from the next chat on."""

    def __init__(self, pool: BridgeInstancePool) -> None:
        self._pool = pool

    @property
    def key(self) -> str:
        return self._pool.key

    @property
    def spec(self) -> PoolSpec:
        return self._pool.spec

    def adopt(self, edited: BridgeInstancePool) -> list[str]:
        """Take over an edit, and name the fields that are different now."""
        before = self.spec
        after = edited_live(before, edited.spec)
        self._pool = self._pool.model_copy(update={"spec": after})
        return [
            info.alias or name
            for name, info in PoolSpec.model_fields.items()
            if getattr(before, name) != getattr(after, name)
        ]
