"""From the site's events to what a client gets: deltas, `stop` and `max_tokens`, and how the answer ended."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bridge_browser.sites.base import (
    Citation,
    Finish,
    FinishReason,
    Heartbeat,
    Image,
    ReasoningDelta,
    Signal,
    SiteEvent,
    SiteFailure,
    TextDelta,
    TokenCount,
)

CHARACTERS_PER_TOKEN: Final = 4
"""For estimates, where the site does not count: the usual rule of thumb for English text."""


class DeltaKind(StrEnum):
    CONTENT = "content"
    REASONING = "reasoning_content"


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer."""

    kind: DeltaKind
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A page that the answer refers to at a place of its text."""

    url: str
    title: str
    position: int
    """Characters of content before it."""


@dataclass(frozen=True, slots=True)
class Usage:
    tokens: TokenCount
    estimated: bool


@dataclass(frozen=True, slots=True)
class Completed:
    """A whole answer, or one that the client's own limits have cut."""

    finish_reason: FinishReason
    usage: Usage
    cut: bool
    """The site goes on: its stop control must be pressed."""


Piece = Delta | Source
End = Completed | SiteFailure


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client has asked for."""

    stop_sequences: tuple[str, ...] = ()
    max_tokens: int | None = None


class AnswerStream:
    """One answer on its way; `end` is set once nothing more comes."""

    def __init__(self, limits: Limits, prompt: str) -> None:
        self._limits = limits
        self._prompt_tokens = estimate_tokens(len(prompt))
        self._held_back = ""
        self._sent = 0
        self._content_sent = 0
        self._has_content = False
        self.end: End | None = None

    def feed(self, event: SiteEvent) -> list[Piece]:
        """Return the pieces that may go out now."""
        return [] if self.end is not None else self._pieces_of(event)

    def _pieces_of(self, event: SiteEvent) -> list[Piece]:
        pieces: list[Piece] = []
        match event:
            case TextDelta(text):
                pieces = self._content(text)
            case Image(url):
                pieces = self._content(f"\n\n![image]({url})\n\n")
            case ReasoningDelta(text):
                pieces = self._within_limit(DeltaKind.REASONING, text)
            case Citation(url, title):
                pieces = [Source(url, title, self._content_sent)]
            case Finish():
                pieces = self._finish(event)
            case SiteFailure():
                pieces = self._fail(event)
            case Heartbeat():
                pass
        return pieces

    def _content(self, text: str) -> list[Piece]:
        self._has_content = True
        pending = self._held_back + text
        stopped_at = self._first_stop(pending)
        if stopped_at is not None:
            self._held_back = ""
            pieces = self._within_limit(DeltaKind.CONTENT, pending[:stopped_at])
            self.end = self.end or self._cut(FinishReason.STOP)
            return pieces
        keep = self._possible_stop(pending)
        self._held_back = pending[len(pending) - keep :]
        return self._within_limit(DeltaKind.CONTENT, pending[: len(pending) - keep])

    def _first_stop(self, text: str) -> int | None:
        """Find where the sequence begins that is complete first, however the deltas are cut."""
        found = [(text.find(sequence), len(sequence)) for sequence in self._limits.stop_sequences]
        complete = [(start + length, start) for start, length in found if start >= 0]
        return min(complete)[1] if complete else None

    def _possible_stop(self, text: str) -> int:
        """Count the last characters that may be the beginning of a stop sequence."""
        return max(
            (
                length
                for sequence in self._limits.stop_sequences
                for length in range(min(len(sequence) - 1, len(text)), 0, -1)
                if text.endswith(sequence[:length])
            ),
            default=0,
        )

    def _within_limit(self, kind: DeltaKind, text: str) -> list[Piece]:
        if self._limits.max_tokens is not None:
            room = self._limits.max_tokens * CHARACTERS_PER_TOKEN - self._sent
            if len(text) > room:
                text = text[:room]
                self.end = self._cut(FinishReason.LENGTH, self._sent + len(text))
        self._sent += len(text)
        self._content_sent += len(text) if kind is DeltaKind.CONTENT else 0
        return [Delta(kind, text)] if text else []

    def _cut(self, reason: FinishReason, sent: int | None = None) -> Completed:
        return Completed(reason, self._estimate(self._sent if sent is None else sent), cut=True)

    def _finish(self, finish: Finish) -> list[Piece]:
        if not self._has_content:
            self.end = _without_content(finish)
            return []
        pieces = self._within_limit(DeltaKind.CONTENT, self._held_back)
        usage = Usage(finish.tokens, estimated=False) if finish.tokens else self._estimate(self._sent)
        self.end = self.end or Completed(finish.reason, usage, cut=False)
        return pieces

    def _fail(self, failure: SiteFailure) -> list[Piece]:
        pieces = self._within_limit(DeltaKind.CONTENT, self._held_back)
        nothing_came = failure.signal is Signal.UNFINISHED_ANSWER and self._sent == 0
        self.end = _EMPTY if nothing_came else failure
        return pieces

    def _estimate(self, sent: int) -> Usage:
        return Usage(TokenCount(self._prompt_tokens, estimate_tokens(sent)), estimated=True)


_EMPTY: Final = SiteFailure(Signal.EMPTY_ANSWER, "The site's answer has no content.")


def _without_content(finish: Finish) -> SiteFailure:
    if finish.reason is FinishReason.CONTENT_FILTER:
        return SiteFailure(Signal.CONTENT_REFUSED, "The site's content filter withheld the answer.")
    return _EMPTY


def estimate_tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)
