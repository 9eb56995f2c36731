"""What Chromium says of its processes, and which of them stand still."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

HUNG_LOOKS: Final = 4
"""A process that is stopped at so many looks in a row is taken for hung: two seconds."""

NETWORK: Final = "network"
GPU: Final = "gpu"
RENDERER: Final = "renderer"

_ROLES: Final = {"network.mojom.NetworkService": NETWORK, "GPU": GPU, "renderer": RENDERER}
"""Chromium's word for what a process does → ours. Others come and go with what a page uses."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """Process ids as `SystemInfo.getProcessInfo` names them."""

    browser: int
    helpers: Mapping[int, str]
    """Number → role of each process that Chromium replaces by itself. A role without one is the main process's work."""

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> "Vitals":
        """Read the protocol's answer.

        Raises:
            ValueError: It names no main process.
        """
        named = [(process["type"], int(process["id"])) for process in answer["processInfo"]]
        main = next((number for kind, number in named if kind == "browser"), None)
        if main is None:
            raise ValueError("no process is the browser's main one")
        return cls(
            main,
            {number: _ROLES[kind] for kind, number in named if kind in _ROLES},
        )


class Standstill:
    """Counts the looks at which a process was stopped."""

    def __init__(self) -> None:
        self._looks: dict[int, int] = {}

    def hung(self, stopped: Iterable[int]) -> list[int]:
        """Take the numbers that are stopped now, and return those that have been for too long."""
        self._looks = {number: self._looks.get(number, 0) + 1 for number in stopped}
        return [number for number, looks in self._looks.items() if looks >= HUNG_LOOKS]
