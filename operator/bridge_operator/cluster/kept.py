"""What was made of some objects, kept for as long as exactly those are asked about: most looks at a pool find nothing new."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(slots=True)
class Kept(Generic[Value]):
    """One value for each key; the objects are compared by identity, so they must never be changed in place."""

    _values: dict[Hashable, tuple[tuple[object, ...], Value]] = field(default_factory=dict)

    def get(self, key: Hashable, of: tuple[object, ...], make: Callable[[], Value]) -> Value:
        """Return what was made of these very objects, or make it now."""
        known = self._values.get(key)
        if known is not None and len(known[0]) == len(of) and all(map(_same, known[0], of)):
            return known[1]
        made = make()
        self._values[key] = (of, made)
        return made

    def forget(self, key: Hashable) -> None:
        self._values.pop(key, None)


def _same(one: object, other: object) -> bool:
    return one is other
