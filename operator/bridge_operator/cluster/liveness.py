"""Whether the operator is of use: pure verdicts over how long it has not heard, and how long it has left things undone."""

from collections.abc import Iterable

BLIND_SECONDS = 240.0
"""A watch brings a bookmark each minute; an API server that is away for four may be so for everybody, and a new
process hears as little, so this is for what only a new process mends."""

STUCK_SECONDS = 120.0
"""A pool is looked at in milliseconds; one that has waited for two minutes waits for ever."""

Verdict = tuple[bool, str]


def alive(ages: Iterable[tuple[str, float]], oldest_key_seconds: float, *, started: bool) -> Verdict:
    """Judge from the watches' ages (name, seconds) and the age of the oldest change that nobody has looked at."""
    if oldest_key_seconds > STUCK_SECONDS:
        return False, f"a changed pool has waited for {oldest_key_seconds:.0f} s"
    blind = [name for name, age in ages if started and age > BLIND_SECONDS]
    if blind:
        return False, f"nothing heard for {BLIND_SECONDS:.0f} s or more of: {', '.join(sorted(set(blind)))}"
    return True, "watches are fresh and no change waits"
