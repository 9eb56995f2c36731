"""Records of the answer stream: `<lane><code>:<json>` and a newline."""

import json
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from bridge_demo_site.state.modes import Lane


class Randomness(Protocol):
    """The part of `random.Random` that this package uses."""

    def randint(self, a: int, b: int) -> int: ...


class Code(StrEnum):
    TEXT = "0"
    DATA = "2"
    ERROR = "3"
    CITATION = "c"
    FINISH = "d"
    STEP_FINISH = "e"
    STEP_START = "f"
    REASONING = "g"
    TRACE = "k"


class Record(NamedTuple):
    lane: Lane
    code: Code
    payload: Any


def encode(record: Record) -> bytes:
    """Write a record as the site does: compact JSON with its characters as they are."""
    payload = json.dumps(record.payload, ensure_ascii=False, separators=(",", ":"))
    return f"{record.lane}{record.code}:{payload}\n".encode()


def heartbeat() -> Record:
    """Make a sign of life; the site sends them on lane a whichever lane works."""
    return Record(Lane.A, Code.DATA, [{"type": "heartbeat"}])


def image(lane: Lane, url: str) -> Record:
    return Record(lane, Code.DATA, [{"type": "image", "image": url}])


def citation(lane: Lane, url: str, title: str) -> Record:
    source = json.dumps({"source": {"url": url, "title": title}}, ensure_ascii=False, separators=(",", ":"))
    return Record(lane, Code.CITATION, {"toolCallId": "citation-source", "argsTextDelta": source})


def finish(lane: Lane, reason: str, usage: dict[str, int] | None = None) -> Record:
    payload: dict[str, Any] = {"finishReason": reason}
    if usage is not None:
        payload["usage"] = usage
    return Record(lane, Code.FINISH, payload)
