"""The tests' own ledger of the chats in simulated pods: how each ended, and which pods were killed while busy; pure."""

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    RUNNING = "Running"
    ENDED = "Ended"
    LEFT = "Left"
    """The client has gone."""

    CUT = "Cut"
    """The pod ended, by force or by itself, before the chat did."""


@dataclass
class ChatEntry:
    pod: str
    slot: int
    outcome: Outcome = Outcome.RUNNING


@dataclass
class ChatLedger:
    chats: list[ChatEntry] = field(default_factory=list)
    killed_busy: list[str] = field(default_factory=list)
    """Names of pods that were told to end while they had a chat, even if that could end in time."""

    stopped: list[str] = field(default_factory=list)
    """Names of pods that were told to end, in that order."""

    killed_at: dict[str, float] = field(default_factory=dict)
    """When those of `killed_busy` were told to."""

    died_busy: list[str] = field(default_factory=list)
    """Names of pods whose process died while they had a chat."""

    def begin(self, pod: str, slot: int) -> ChatEntry:
        entry = ChatEntry(pod, slot)
        self.chats.append(entry)
        return entry

    def stop(self, pod: str, *, busy: bool, at: float) -> None:
        self.stopped.append(pod)
        if busy:
            self.killed_busy.append(pod)
            self.killed_at[pod] = at

    def crash(self, pod: str, *, busy: bool) -> None:
        if busy:
            self.died_busy.append(pod)

    @property
    def cut(self) -> list[ChatEntry]:
        return [chat for chat in self.chats if chat.outcome is Outcome.CUT]
