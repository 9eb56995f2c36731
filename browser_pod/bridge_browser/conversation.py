"""Which page goes on with a conversation, and which is opened anew: decided from names, never from texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bridge_api.conversation import Parties, Turn, answered, conversation_name, history_of


class Affinity(StrEnum):
    """What became of a request's history (`x-bridge-affinity`)."""

    HIT = "hit"
    """A page held it: only the new message was typed."""

    MISS = "miss"
    """It was typed whole into a new chat."""

    NONE = "none"
    """There was none, or the pool has no affinity."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A request's place in a conversation."""

    secret: bytes
    parties: Parties
    turns: Sequence[Turn]
    """Empty: the request can neither go on with a page nor be gone on with."""

    @property
    def continues(self) -> str | None:
        """What a page must hold for the new message to be enough."""
        history = history_of(self.turns)
        return conversation_name(self.secret, self.parties, history) if history else None

    def after(self, answer: str) -> str | None:
        """Name what a page holds that has given this answer."""
        if not self.turns:
            return None
        return conversation_name(self.secret, self.parties, answered(self.turns, answer))


class FreeSlot(NamedTuple):
    """A slot that can take a chat."""

    slot: int
    conversation: str | None
    since: int
    """The version of the status in which this began; the lowest has been so for longest."""


def choose_slot(free: Sequence[FreeSlot], continues: str | None) -> int | None:
    """Choose the page that holds the conversation, else a new chat, else what nobody has gone on with for longest."""
    if not free:
        return None
    return min(
        free, key=lambda slot: (not _holds(slot, continues), slot.conversation is not None, slot.since)
    ).slot


def holder(free: Sequence[FreeSlot], continues: str | None) -> int | None:
    """Find the free slot whose page holds a conversation."""
    return next((slot.slot for slot in free if _holds(slot, continues)), None)


def slot_to_open_anew(free: Sequence[FreeSlot]) -> int | None:
    """Name the slot to give up so that a first message finds a new chat open; a lone free slot keeps what it holds."""
    if len(free) < 2 or any(slot.conversation is None for slot in free):  # noqa: PLR2004 - one to keep and one to give up
        return None
    return min(free, key=lambda slot: slot.since).slot


def _holds(slot: FreeSlot, continues: str | None) -> bool:
    return continues is not None and slot.conversation == continues
