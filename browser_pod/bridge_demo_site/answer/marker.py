"""The marker that a message may carry to shape its own answer: `[[demo tokens=40 pace_ms=5 fault=stall]]`."""

import re
import shlex
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bridge_demo_site.state.faults import FaultName

MARKER = re.compile(r"[ \t]*\[\[demo\b(.*?)\]\]", re.DOTALL)


class BadMarker(Exception):
    """The marker says something that it cannot; the message tells a person what."""


class Marker(BaseModel):
    """What a marker asks for; what it leaves out is the server's setting."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    tokens: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Text records of the answer."""

    pace_ms: Annotated[float, Field(ge=0, le=60_000)] | None = None
    """Time between two records, in milliseconds."""

    reasoning: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Reasoning records before the text."""

    citations: Annotated[int, Field(ge=0, le=100)] = 0
    """Sources after the text."""

    images: Annotated[int, Field(ge=0, le=20)] = 0
    """Images after the text."""

    padding: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Characters of one large record that readers must ignore."""

    stamps: bool = False
    """Text and reasoning records that say their number and when they left (seconds of the monotonic clock), never cut: for measurements."""

    usage: bool | None = None
    """Whether the end carries token counts; unset: in direct mode only, as the site does."""

    finish: Literal["stop", "length", "content-filter", "error", "unknown"] = "stop"
    """Why the answer ends."""

    prefix: str = ""
    """Text before the answer; quotes allow spaces."""

    fault: FaultName | None = None
    """Failure of this request."""

    after: Annotated[int, Field(ge=0)] | None = None
    """Text records before the failure; unset: what suits it."""

    retry_after: Annotated[int, Field(ge=0)] | None = None
    """Seconds in the Retry-After header of `rateLimited`; unset: no header."""


def read_marker(content: str) -> tuple[Marker, str]:
    """Read the last marker of a message, and return it with the message freed of all markers.

    The last, because a transcript of a longer chat may carry the markers of earlier turns.

    Raises:
        BadMarker: An unknown or impossible setting.
    """
    said = MARKER.sub("", content).strip()
    found = MARKER.findall(content)
    return (_parse(found[-1]) if found else Marker()), said


def _parse(inside: str) -> Marker:
    try:
        words = shlex.split(inside)
        settings = dict(word.split("=", 1) for word in words)
    except ValueError:
        raise BadMarker(f"cannot read the marker [[demo{inside}]]: write it as name=value pairs") from None
    try:
        return Marker.model_validate(settings)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        raise BadMarker(f"[[demo …]] {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
