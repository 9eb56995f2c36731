"""What reached the site, in order, for tests to read."""

from collections import deque
from collections.abc import Mapping
from typing import Any

MOST_ENTRIES = 100_000


class Journal:
    """A bounded list of entries; the oldest go first."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=MOST_ENTRIES)

    def note(self, kind: str, at: float, context: str, **facts: Any) -> None:
        """Add an entry: its kind, its time in seconds since the epoch, and the browser context it came from."""
        self._entries.append({"kind": kind, "at": at, "context": context, **facts})

    def entries(self, wanted: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the entries whose fields have these values."""
        return [
            entry
            for entry in self._entries
            if all(entry.get(name) == value for name, value in wanted.items())
        ]

    def clear(self) -> None:
        self._entries.clear()
