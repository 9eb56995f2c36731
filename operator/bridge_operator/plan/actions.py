"""What a plan consists of: one verb each, with whom it is about and why."""

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    START = "start"
    CORDON = "cordon"
    UNCORDON = "uncordon"
    DRAIN = "drain"
    STOP = "stop"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Action:
    verb: Verb
    pool: str
    reason: str
    message: str
    instance: str = ""
    """Who is meant."""

    profile: str = ""
    """With `start`: which of the pool's profiles it gets."""

    template_hash: str = ""
    """With `start`: of which revision it is."""

    until: float | None = None
    """With `none`: when to look again, if nothing happens before."""
