"""When an answer says what: its records with their times, both lanes in one list."""

from dataclasses import dataclass
from typing import NamedTuple

from bridge_demo_site.answer.marker import Marker
from bridge_demo_site.answer.records import (
    Code,
    Randomness,
    Record,
    citation,
    finish,
    heartbeat,
    image,
)
from bridge_demo_site.answer.reply import estimated_tokens, full_text, into_deltas, opening, thoughts
from bridge_demo_site.answer.stamps import stamped_deltas
from bridge_demo_site.state.modes import Lane

FIRST_HEARTBEATS = 4
HEARTBEAT_SECONDS = 1.0
LONGEST_HEARTBEAT_GAP = 0.1


class TimedRecord(NamedTuple):
    at: float
    """Seconds after the answer's beginning."""

    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that an answer depends on."""

    said: str
    """The last message, without its marker."""

    turn: int
    """How many messages of the user the conversation has."""

    marker: Marker
    tokens: int
    """Text records, where the marker says nothing."""

    pace_seconds: float
    """Time between records, where the marker says nothing."""

    message_ids: dict[Lane, str]
    """The lanes that answer, and the ids of their messages."""

    with_usage: bool
    prompt: tuple[str, ...]
    """Every message of the user, for the usage."""

    image_url: str

    @property
    def pace(self) -> float:
        return self.pace_seconds if self.marker.pace_ms is None else self.marker.pace_ms / 1000


def plan_answer(question: Question, randomness: Randomness) -> list[TimedRecord]:
    """Plan a whole answer; with two lanes b starts first and ends first, as in captured streams."""
    gap = min(question.pace, LONGEST_HEARTBEAT_GAP)
    planned = [TimedRecord(number * gap, heartbeat()) for number in range(FIRST_HEARTBEATS)]
    start = FIRST_HEARTBEATS * gap
    for position, lane in enumerate(reversed(question.message_ids)):
        records = _lane_records(question, lane, randomness)
        late = 0.4 * len(records) * question.pace * position
        planned += [
            TimedRecord(start + late + number * question.pace, record)
            for number, record in enumerate(records)
        ]
    end = max(timed.at for timed in planned)
    planned += [
        TimedRecord(second * HEARTBEAT_SECONDS, heartbeat())
        for second in range(1, int(end / HEARTBEAT_SECONDS) + 1)
        if start < second * HEARTBEAT_SECONDS < end
    ]
    return sorted(planned, key=lambda timed: timed.at)


def _lane_records(question: Question, lane: Lane, randomness: Randomness) -> list[Record]:
    marker = question.marker
    tokens = marker.tokens or question.tokens
    if marker.stamps:
        thought, deltas = stamped_deltas(0, marker.reasoning), stamped_deltas(marker.reasoning, tokens)
    else:
        thought = _thought(marker.reasoning, randomness)
        text = full_text(marker.prefix + opening(question.said, question.turn), tokens)
        deltas = into_deltas(text, tokens, randomness)
    records = [Record(lane, Code.STEP_START, {"messageId": question.message_ids[lane]})]
    if marker.padding:
        records.append(Record(lane, Code.TRACE, {"trace": "·" * marker.padding}))
    records += [Record(lane, Code.REASONING, delta) for delta in thought]
    records += [Record(lane, Code.TEXT, delta) for delta in deltas]
    records += [
        citation(lane, f"https://example.org/bridges/{number}", f"Bridges, volume {number}")
        for number in range(1, marker.citations + 1)
    ]
    records += [image(lane, question.image_url)] * marker.images
    return records + _ending(question, lane, len(thought) + len(deltas))


def _thought(tokens: int, randomness: Randomness) -> list[str]:
    return into_deltas(thoughts(tokens), tokens, randomness) if tokens else []


def _ending(question: Question, lane: Lane, completion_tokens: int) -> list[Record]:
    usage = None
    if question.with_usage:
        usage = {"promptTokens": estimated_tokens(question.prompt), "completionTokens": completion_tokens}
    reason = question.marker.finish
    step = Record(lane, Code.STEP_FINISH, {"finishReason": reason, "isContinued": False})
    return [step, finish(lane, reason, usage)]


def text_of(records: list[Record], lane: Lane) -> str:
    """Join the text that a lane has said."""
    return "".join(record.payload for record in records if record.lane is lane and record.code is Code.TEXT)
