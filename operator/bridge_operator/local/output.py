"""What a local run writes: its children's lines under their names, and the one line that says where it listens."""

import json
import sys
from collections.abc import Callable
from contextlib import suppress

from bridge_api.wire.local import Listening


def label_line(name: str, line: str, *, as_json: bool) -> str:
    """Put a child's name to a line of its log; for machines the line stays one JSON object."""
    if not as_json:
        return f"{name} | {line}"
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        record = {"event": line}
    if not isinstance(record, dict):
        record = {"event": line}
    return json.dumps({**record, "process": name}, ensure_ascii=False)


def make_say(*, as_json: bool) -> Callable[[str, str], None]:
    """Make the function that passes children's lines on to standard error."""

    def say(name: str, line: str) -> None:
        with suppress(BrokenPipeError):  # whoever read this has died, and the lifeline tells us so too
            print(label_line(name, line, as_json=as_json), file=sys.stderr, flush=True)  # noqa: T201

    return say


def announce(listening: Listening) -> None:
    """Print the line that says where this run listens."""
    print(listening.model_dump_json(by_alias=True), flush=True)  # noqa: T201
