"""Which chats are had, how each must end, and whether it did: decisions only, chance is an argument."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

EXPECTED: Final = {
    "badRequest": "site_error",
    "tooLarge": "request_too_large",
    "contentRefused": "content_policy_violation",
    "moved": "site_error",
    "serverError": "site_error",
    "emptyBody": "empty_answer",
    "heartbeatsOnly": "empty_answer",
    "arenaError": "site_error",
    "errorFrame": "site_error",
    "silence": "first_token_timeout",
    "stall": "idle_timeout",
    "cut": "site_error",
    "noFinish": "site_error",
    "reload": "site_error",
    "navigate": "site_error",
}
"""The code that the client must get for each of the site's failures.

Limits and challenges are left out: they take an instance's slots out of use for all chats, as they should.
"""


@dataclass(frozen=True, slots=True)
class Chat:
    number: int
    fault: str | None
    stream: bool

    @property
    def text(self) -> str:
        fault = f" fault={self.fault}" if self.fault else ""
        return f"Chat {self.number} [[demo tokens=20 pace_ms=10{fault}]]"

    @property
    def expected(self) -> str | None:
        """The error that it must end with; None: an answer."""
        return EXPECTED[self.fault] if self.fault else None


def plan(count: int, fault_percent: float, chance: Random) -> list[Chat]:
    """Draw chats: most are answered, some fail; half are streamed."""
    faults = sorted(EXPECTED)
    return [
        Chat(
            number,
            chance.choice(faults) if chance.random() * 100 < fault_percent else None,
            stream=chance.random() < 0.5,
        )
        for number in range(count)
    ]


@dataclass(frozen=True, slots=True)
class Entry:
    """A chat and how it ended."""

    chat: Chat
    error: str | None
    text: str

    @property
    def wrong(self) -> str | None:
        """What is wrong with it; None: it went as it must."""
        if self.error != self.chat.expected:
            return f"chat {self.chat.number} ({self.chat.fault or 'no fault'}): {self.error}, not {self.chat.expected}"
        if self.error is None and not self.text.startswith(f'You said: "Chat {self.chat.number}"'):
            return f"chat {self.chat.number}: the answer of another chat"
        return None


def mistakes(entries: Iterable[Entry]) -> list[str]:
    return [entry.wrong for entry in entries if entry.wrong is not None]


def by_fault(entries: Sequence[Entry]) -> list[tuple[str, str, int, int]]:
    """Count by fault: what is expected, how many chats had it, and how many of them went as they must."""
    counts = Counter(entry.chat.fault or "" for entry in entries)
    right = Counter(entry.chat.fault or "" for entry in entries if entry.wrong is None)
    return [
        (fault or "none", EXPECTED.get(fault, "an answer"), count, right[fault])
        for fault, count in sorted(counts.items())
    ]
