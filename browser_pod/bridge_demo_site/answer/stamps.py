"""Stamped text: each record says its number and when it left, for whoever measures what happens on the way."""

from typing import Final

_HOLE: Final = "{left-at}"


def stamped_deltas(first: int, count: int) -> list[str]:
    """Write lines of a number, from the first on, and a place for the time."""
    return [f"{number} {_HOLE}\n" for number in range(first, first + count)]


def fill(data: bytes, now: float) -> bytes:
    """Put the time in, in seconds."""
    return data.replace(_HOLE.encode(), f"{now:.6f}".encode())
