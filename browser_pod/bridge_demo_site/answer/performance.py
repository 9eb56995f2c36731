"""How an answer is given: its bytes over time, how the stream ends, and what goes wrong on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bridge_demo_site.answer.pieces import Piece, cut_into_pieces, one_for_each, without_last_newline
from bridge_demo_site.answer.plan import Question, TimedRecord, plan_answer
from bridge_demo_site.answer.records import Code, Randomness, Record, encode, finish, heartbeat
from bridge_demo_site.state.faults import Fault, FaultName
from bridge_demo_site.state.modes import Lane

PAGE_ACTION = "x-demo-page-action"
"""Header by which an answer tells the page to misbehave."""

TEXTS_BEFORE_A_FAILURE = 5
HEARTBEATS_ALONE = 8


class Ending(StrEnum):
    CLEAN = "clean"
    """The response ends as HTTP wants it."""

    HOLD = "hold"
    """Nothing more comes, and the connection stays."""

    CUT = "cut"
    """The connection is dropped."""


@dataclass(frozen=True, slots=True)
class Performance:
    pieces: list[Piece]
    records: list[TimedRecord]
    ending: Ending = Ending.CLEAN
    headers: dict[str, str] = field(default_factory=dict)
    stamped: bool = False
    """The times of writing go into the bytes."""


def perform(
    question: Question, fault: Fault | None, challenge_html: str, randomness: Randomness
) -> Performance:
    """Plan the answer to a question, as far as a failure lets it come."""
    planned = plan_answer(question, randomness)
    if fault is None and question.marker.stamps:
        return Performance(one_for_each(planned), planned, stamped=True)
    if fault is None:
        return _whole(planned, randomness)
    if fault.fault is FaultName.CHALLENGE_IN_STREAM:
        html = {"Content-Type": "text/html; charset=utf-8"}
        return Performance([Piece(0.0, challenge_html.encode(), b"", 0)], [], headers=html)
    if fault.fault in (FaultName.RELOAD, FaultName.NAVIGATE):
        return _with_page_action(planned, fault, randomness)
    return _failing(planned, fault, randomness)


def _whole(planned: list[TimedRecord], randomness: Randomness) -> Performance:
    pieces = cut_into_pieces(planned, randomness)
    return Performance(pieces if randomness.randint(0, 3) else without_last_newline(pieces), planned)


def _with_page_action(planned: list[TimedRecord], fault: Fault, randomness: Randomness) -> Performance:
    after = _texts_before(fault, TEXTS_BEFORE_A_FAILURE)
    action = f"{fault.fault} {after} {fault.to}"
    return Performance(cut_into_pieces(planned, randomness), planned, headers={PAGE_ACTION: action})


def _failing(planned: list[TimedRecord], fault: Fault, randomness: Randomness) -> Performance:
    if fault.fault is FaultName.CUT:
        return _cut_in_a_record(
            _first_texts(planned, _texts_before(fault, TEXTS_BEFORE_A_FAILURE)), randomness
        )
    records = _records_of_failure(planned, fault)
    ending = Ending.HOLD if fault.fault in (FaultName.SILENCE, FaultName.STALL) else Ending.CLEAN
    return Performance(cut_into_pieces(records, randomness), records, ending)


def _records_of_failure(planned: list[TimedRecord], fault: Fault) -> list[TimedRecord]:
    match fault.fault:
        case FaultName.EMPTY_BODY | FaultName.SILENCE:
            return []
        case FaultName.HEARTBEATS_ONLY:
            return [TimedRecord(0.1 * number, heartbeat()) for number in range(HEARTBEATS_ALONE)]
        case FaultName.STALL:
            return _first_texts(planned, _texts_before(fault, TEXTS_BEFORE_A_FAILURE))
        case FaultName.NO_FINISH:
            return [timed for timed in planned if timed.record.code not in (Code.STEP_FINISH, Code.FINISH)]
        case FaultName.ARENA_ERROR:
            failure = [Record(Lane.A, Code.TEXT, "hasArenaError"), finish(Lane.A, "error")]
        case FaultName.ERROR_FRAME:
            failure = [Record(Lane.A, Code.ERROR, "An error occurred")]
        case _:
            raise ValueError(f"{fault.fault} is no failure of an answer")
    begun = _first_texts(planned, _texts_before(fault, 0))
    return begun + [TimedRecord(begun[-1].at, record) for record in failure]


def _texts_before(fault: Fault, usual: int) -> int:
    return usual if fault.after is None else fault.after


def _first_texts(planned: Sequence[TimedRecord], texts: int) -> list[TimedRecord]:
    """Take the records up to and with so many text records."""
    positions = [number for number, timed in enumerate(planned) if timed.record.code is Code.TEXT]
    if texts >= len(positions):
        return list(planned)
    end = positions[texts - 1] + 1 if texts else positions[0]
    return list(planned[:end])


def _cut_in_a_record(begun: list[TimedRecord], randomness: Randomness) -> Performance:
    pieces = cut_into_pieces(begun, randomness)
    half = encode(Record(Lane.A, Code.TEXT, "never seen"))[:8]
    return Performance([*pieces, Piece(begun[-1].at, half, b"", len(begun))], begun, Ending.CUT)
