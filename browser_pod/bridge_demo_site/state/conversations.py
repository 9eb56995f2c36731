"""The conversations that the site keeps: who owns them, what was said, which models answer."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bridge_demo_site.state.modes import Lane, Mode

MOST_CONVERSATIONS = 10_000


class Choice(StrEnum):
    A = "a"
    B = "b"
    TIE = "tie"
    BOTH_BAD = "both-bad"


@dataclass(slots=True)
class Turn:
    """One message of the user, and what each lane answered so far."""

    user_message_id: str
    content: str
    message_ids: dict[Lane, str]
    replies: dict[Lane, str] = field(default_factory=dict)

    def unanswered(self) -> "Turn":
        """Return the same message, to be answered once more."""
        return replace(self, replies={})


@dataclass(slots=True)
class Conversation:
    session_id: str
    owner: str
    """The browser context that began it."""

    mode: Mode
    models: dict[Lane, str]
    """The model of each lane; they never change within a conversation."""

    turns: list[Turn] = field(default_factory=list)
    vote: Choice | None = None

    def go_on(self, turn: Turn, position: int | None = None) -> None:
        """Add a turn, in place of all from `position` on if that is given."""
        if position is not None:
            del self.turns[position:]
        self.turns.append(turn)

    def message_ids(self) -> set[str]:
        return {
            message_id
            for turn in self.turns
            for message_id in (turn.user_message_id, *turn.message_ids.values())
        }

    def turn_of_reply(self, message_id: str) -> int | None:
        """Find the turn that a reply belongs to."""
        for number, turn in enumerate(self.turns):
            if message_id in turn.message_ids.values():
                return number
        return None

    def as_page_data(self) -> dict[str, Any]:
        """Give what the page needs to show it."""
        return {
            "id": self.session_id,
            "mode": self.mode,
            "modelAId": self.models.get(Lane.A),
            "modelBId": self.models.get(Lane.B),
            "vote": self.vote,
            "turns": [
                {
                    "userMessageId": turn.user_message_id,
                    "content": turn.content,
                    "messageIds": turn.message_ids,
                    "replies": turn.replies,
                }
                for turn in self.turns
            ],
        }


class Conversations:
    """All conversations, the oldest forgotten beyond a bound."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Conversation] = OrderedDict()

    def find(self, session_id: str) -> Conversation | None:
        return self._kept.get(session_id)

    def keep(self, conversation: Conversation) -> None:
        self._kept[conversation.session_id] = conversation
        while len(self._kept) > MOST_CONVERSATIONS:
            self._kept.popitem(last=False)
