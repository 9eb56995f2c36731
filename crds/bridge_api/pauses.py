"""How long every part waits before it tries again what has failed: longer after each failure in a row, up to a bound."""

from typing import Final

MOST_DOUBLINGS: Final = 30
"""Past this the longest pause is reached anyway, and no number overflows."""


def pause_after(failures: int, *, first_seconds: float, longest_seconds: float, chance: float) -> float:
    """Return the seconds to wait after so many failures in a row, at least one.

    Half of the pause is `chance`, in [0, 1), so that those who fail together do not come back together.
    """
    doubled = first_seconds * 2.0 ** min(failures - 1, MOST_DOUBLINGS)
    return min(longest_seconds, doubled) * (0.5 + chance / 2)
