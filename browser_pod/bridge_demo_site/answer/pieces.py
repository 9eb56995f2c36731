"""Cut an answer's bytes as a network does: anywhere, also inside a record or a character."""

from collections.abc import Sequence
from typing import NamedTuple

from bridge_demo_site.answer.plan import TimedRecord
from bridge_demo_site.answer.records import Randomness, encode

LONGEST_HOLD_SECONDS = 0.02


class Piece(NamedTuple):
    """Bytes that are written together."""

    at: float
    data: bytes
    rest: bytes
    """What completes the last record begun, for whoever must end the stream here."""

    records_begun: int
    """How many records have begun with this piece."""


def cut_into_pieces(records: Sequence[TimedRecord], randomness: Randomness) -> list[Piece]:
    """Split about half of the records in two, and let the second half wait a little or travel with the next record."""
    pieces: list[Piece] = []
    held = b""
    for begun, (at, record) in enumerate(records, start=1):
        data = held + encode(record)
        last = begun == len(records)
        hold = 0 if last or randomness.randint(0, 1) else randomness.randint(1, len(encode(record)) - 1)
        data, held = data[: len(data) - hold], data[len(data) - hold :]
        pieces.append(Piece(at, data, held, begun))
        later = at + LONGEST_HOLD_SECONDS
        if held and records[begun].at > later:
            pieces.append(Piece(later, held, b"", begun))
            held = b""
    return pieces


def one_for_each(records: Sequence[TimedRecord]) -> list[Piece]:
    """Leave the records whole, and write each at its time."""
    return [Piece(at, encode(record), b"", begun) for begun, (at, record) in enumerate(records, start=1)]


def without_last_newline(pieces: list[Piece]) -> list[Piece]:
    """Drop the stream's last newline, as the site sometimes does."""
    *before, last = pieces
    return [*before, last._replace(data=last.data.removesuffix(b"\n"))]
