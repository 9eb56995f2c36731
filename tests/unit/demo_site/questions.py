"""Questions to plan answers to, and a plain reader of answer streams."""

import json
from random import Random
from typing import Any

from bridge_demo_site.answer.marker import Marker
from bridge_demo_site.answer.plan import Question
from bridge_demo_site.state.modes import Lane


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - cuts text in tests


def make_question(*, said: str = "Hello", lanes: str = "a", **marker: Any) -> Question:
    return Question(
        said=said,
        turn=1,
        marker=Marker.model_validate(marker),
        tokens=20,
        pace_seconds=0.01,
        message_ids={Lane(lane): f"message-{lane}" for lane in lanes},
        with_usage=len(lanes) == 1,
        prompt=(said,),
        image_url="http://127.0.0.1/static/bridge.svg",
    )


def read_records(stream: bytes) -> list[tuple[str, str, Any]]:
    """Read a whole stream the slow and obvious way."""
    return [(line[0], line[1], json.loads(line[3:])) for line in stream.decode().splitlines()]


def text(records: list[tuple[str, str, Any]], lane: str = "a") -> str:
    return "".join(payload for where, code, payload in records if (where, code) == (lane, "0"))
