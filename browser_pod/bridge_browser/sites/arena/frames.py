"""Cut the site's answer stream into frames: `<lane><code>:<json>` records, whatever pieces the bytes come in.

Source: site-protocol notes on the AI SDK v4 data stream; codes that are not known are left to the reader to ignore.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_RECORD_BYTES: Final = 1024 * 1024
"""A record above this is no answer: the longest seen was 15 kB."""

_RECORD = re.compile(rb"([ab])([0-9a-z]):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Frame:
    """One record of the stream."""

    lane: str
    code: str
    payload: str
    """JSON, not decoded: unknown codes may carry anything."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """A line that is no record."""

    line: bytes


class RecordTooLong(Exception):
    """A record went on past the bound."""


class FrameParser:
    """Take bytes in any pieces, give frames in their order."""

    def __init__(self, max_record_bytes: int = MAX_RECORD_BYTES) -> None:
        self._max_record_bytes = max_record_bytes
        self._rest = bytearray()

    def feed(self, piece: bytes) -> Iterator[Frame | Garbage]:
        """Yield each record that is whole now.

        Raises:
            RecordTooLong: What has come of a record is longer than any record may be.
        """
        searched = len(self._rest)
        self._rest += piece
        while (end := self._rest.find(b"\n", searched)) >= 0:
            record = bytes(self._rest[:end])
            del self._rest[: end + 1]
            searched = 0
            self._check_length(len(record))
            yield from _read(record)
        self._check_length(len(self._rest))

    def finish(self) -> Iterator[Frame | Garbage]:
        """Yield the last record where it has no newline."""
        record = bytes(self._rest)
        self._rest.clear()
        yield from _read(record)

    def _check_length(self, length: int) -> None:
        if length > self._max_record_bytes:
            raise RecordTooLong


def _read(record: bytes) -> Iterator[Frame | Garbage]:
    record = record.removesuffix(b"\r")
    if not record.strip():
        return
    parts = _RECORD.fullmatch(record)
    if parts is None:
        yield Garbage(record)
        return
    try:
        yield Frame(parts[1].decode(), parts[2].decode(), parts[3].decode())
    except UnicodeDecodeError:
        yield Garbage(record)
