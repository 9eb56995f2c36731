"""What each frame of the answer means; the bytes of a whole answer go in, the events of one lane come out."""

import json
from collections.abc import Iterator
from typing import Any, Final

from bridge_api.sites.arena import ArenaMarkers
from bridge_browser.sites.arena.frames import Frame, FrameParser, Garbage, RecordTooLong
from bridge_browser.sites.arena.signals import is_challenge_html
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

DIRECT_LANE: Final = "a"
MAX_GARBAGE_BYTES: Final = 64 * 1024
"""How much of a body that is no answer is kept, to see whether it is a challenge page."""

_FINISH_REASONS: Final = {
    "stop": FinishReason.STOP,
    "unknown": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "content-filter": FinishReason.CONTENT_FILTER,
}
_MODEL_FAILED: Final = SiteFailure(Signal.MODEL_FAILED, "The site says that the model failed.")


class AnswerReader:
    """Read one answer. After a failure or the finish nothing more counts."""

    def __init__(self, markers: ArenaMarkers) -> None:
        self._markers = markers
        self._parser = FrameParser()
        self._garbage = bytearray()
        self._seen_frame = False
        self._over = False

    def feed(self, piece: bytes) -> list[SiteEvent]:
        """Return the events that the piece completes."""
        try:
            return list(self._events(self._parser.feed(piece)))
        except RecordTooLong:
            return list(self._last(SiteFailure(Signal.NOT_AN_ANSWER, "The site sent an endless record.")))

    def finish(self) -> list[SiteEvent]:
        """Return what the end of the stream means."""
        events = list(self._events(self._parser.finish()))
        if not self._over:
            events.append(self._unfinished())
        return events

    def _events(self, frames: Iterator[Frame | Garbage]) -> Iterator[SiteEvent]:
        for frame in frames:
            if self._over:
                return
            for event in self._of_frame(frame):
                yield from (self._last(event) if isinstance(event, Finish | SiteFailure) else (event,))

    def _last(self, event: SiteEvent) -> Iterator[SiteEvent]:
        self._over = True
        yield event

    def _of_frame(self, frame: Frame | Garbage) -> Iterator[SiteEvent]:
        if isinstance(frame, Garbage):
            yield from self._of_garbage(frame)
            return
        self._seen_frame = True
        if frame.lane == DIRECT_LANE:
            yield from _meaning(frame, self._markers)

    def _of_garbage(self, garbage: Garbage) -> Iterator[SiteEvent]:
        if self._seen_frame:
            yield SiteFailure(Signal.NOT_AN_ANSWER, "The site sent a broken record within the answer.")
            return
        self._garbage += garbage.line[: MAX_GARBAGE_BYTES - len(self._garbage)] + b"\n"
        if is_challenge_html(self._garbage.decode(errors="replace"), self._markers):
            yield SiteFailure(Signal.CHALLENGE, "The site sent a challenge page in place of the answer.")
        elif len(self._garbage) >= MAX_GARBAGE_BYTES:
            yield _no_answer()

    def _unfinished(self) -> SiteFailure:
        if self._garbage:
            return _no_answer()
        return SiteFailure(Signal.UNFINISHED_ANSWER, "The site's answer ended without its last record.")


def _no_answer() -> SiteFailure:
    return SiteFailure(Signal.NOT_AN_ANSWER, "The site sent something that is no answer.")


def _meaning(frame: Frame, markers: ArenaMarkers) -> Iterator[SiteEvent]:
    read = _READERS.get(frame.code)
    if read is None:
        return
    try:
        yield from read(json.loads(frame.payload), markers)
    except (ValueError, TypeError, AttributeError, KeyError):
        yield SiteFailure(Signal.NOT_AN_ANSWER, f"The site sent a broken record of kind {frame.code!r}.")


def _text(value: Any, markers: ArenaMarkers) -> Iterator[SiteEvent]:
    if not isinstance(value, str):
        raise TypeError
    if value == markers.failed_answer:
        yield _MODEL_FAILED
    elif value:
        yield TextDelta(value)


def _reasoning(value: Any, _: ArenaMarkers) -> Iterator[SiteEvent]:
    text = value if isinstance(value, str) else value.get("text") or value.get("reasoning") or ""
    if text:
        yield ReasoningDelta(str(text))


def _data(value: Any, _: ArenaMarkers) -> Iterator[SiteEvent]:
    for item in value if isinstance(value, list) else [value]:
        kind = item.get("type") if isinstance(item, dict) else None
        if kind == "image" and isinstance(item.get("image"), str):
            yield Image(item["image"])
        else:
            yield Heartbeat()


def _error(_value: Any, _markers: ArenaMarkers) -> Iterator[SiteEvent]:
    yield _MODEL_FAILED


def _tool_delta(value: Any, _: ArenaMarkers) -> Iterator[SiteEvent]:
    if value.get("toolCallId") != "citation-source":
        yield Heartbeat()
        return
    source = json.loads(value["argsTextDelta"])["source"]
    yield Citation(str(source["url"]), str(source.get("title") or ""))


def _sign_of_life(_value: Any, _markers: ArenaMarkers) -> Iterator[SiteEvent]:
    yield Heartbeat()


def _finish(value: Any, _: ArenaMarkers) -> Iterator[SiteEvent]:
    reason = _FINISH_REASONS.get(str(value.get("finishReason")))
    if reason is None:
        yield _MODEL_FAILED
    else:
        yield Finish(reason, _tokens(value.get("usage")))


def _tokens(usage: Any) -> TokenCount | None:
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("promptTokens"), usage.get("completionTokens")
    if isinstance(prompt, int) and isinstance(completion, int) and min(prompt, completion) >= 0:
        return TokenCount(prompt, completion)
    return None


_READERS: Final = {
    "0": _text,
    "2": _data,
    "3": _error,
    "9": _sign_of_life,
    "a": _sign_of_life,
    "c": _tool_delta,
    "d": _finish,
    "e": _sign_of_life,
    "f": _sign_of_life,
    "g": _reasoning,
}
