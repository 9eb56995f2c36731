"""Server-sent events as the OpenAI API uses them: encode one, and split a byte stream into whole ones.

Source: WHATWG HTML, "Server-sent events"; of it, `data:` lines and comments are used.
"""

import json
from collections.abc import Iterator
from typing import Any

DONE = b"data: [DONE]\n\n"
PING = b": ping\n\n"


def encode(data: Any) -> bytes:
    """Encode one event with JSON data."""
    return b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def data_of(event: bytes) -> bytes | None:
    """Return the data of a whole event, or None for a comment."""
    lines = (line.rstrip(b"\r") for line in event.split(b"\n"))
    data = [line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:")]
    return b"\n".join(data) if data else None


class EventSplitter:
    """Cut a byte stream, in whatever pieces it comes, into whole events; `rest` is what no event has ended yet."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield each event that is whole now, with its blank line."""
        self.rest += piece
        while True:
            end = self._end_of_event()
            if end < 0:
                return
            event, self.rest = self.rest[:end], self.rest[end:]
            yield event

    def _end_of_event(self) -> int:
        ends = [
            position + len(blank)
            for blank in (b"\n\n", b"\r\n\r\n")
            if (position := self.rest.find(blank)) >= 0
        ]
        return min(ends, default=-1)
