"""What a condition says: (status, reason, message)."""

from typing import Final, NamedTuple

TRUE: Final = "True"
FALSE: Final = "False"
UNKNOWN: Final = "Unknown"


class Verdict(NamedTuple):
    status: str
    reason: str
    message: str
    """Changes only when something has: no figures of the moment."""
