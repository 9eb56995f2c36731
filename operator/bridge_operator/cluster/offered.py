"""Which models each pool offers: whatever any of its instances does, told as one list that does not depend on who spoke last."""

from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field

Models = tuple[str, ...]


@dataclass(slots=True)
class Offered:
    """Instances of other profiles may be shown other lists, and there are few that differ."""

    _lists: dict[Hashable, Counter[Models]] = field(default_factory=lambda: defaultdict(Counter))
    """By pool: how many instances show a list."""

    def of(self, pool: Hashable) -> Models:
        return tuple(sorted({model for models in self._lists.get(pool, ()) for model in models}))

    def change(self, pool: Hashable, before: Models, after: Models) -> bool:
        """Take in that an instance shows another list, and tell whether the pool offers something else now."""
        if before == after:
            return False
        offered = self.of(pool)
        lists = self._lists[pool]
        if after:
            lists[after] += 1
        if before:
            lists[before] -= 1
        self._lists[pool] = +lists
        if not self._lists[pool]:
            del self._lists[pool]
        return self.of(pool) != offered
