"""Commands that a page of the docs shows with their output, and whether an output is the shown one."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LEFT_OUT = "…"
OWN = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID"),
    (r"\bdemo(-[0-9a-z]{5,10}){1,3}\b", "demo-DIGEST"),
    (r"\b[0-9a-f]{10}\b", "HASH"),
    (r"\b\d+m?s\b", "AGE"),
)
"""What is another one in each run."""


class Shown(NamedTuple):
    command: list[str]
    output: str


def shown_in(page: Path) -> Iterator[Shown]:
    """Yield the `kubectl` commands of the page's `console` blocks, in order."""
    for block in re.findall(r"^```console\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE):
        for part in re.split(r"^\$ kubectl ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield Shown(shlex.split(command), output)


def is_as_shown(shown: str, said: str) -> bool:
    """Compare line by line, but for widths of columns, and for what is another one in each run."""
    lines = [line for line in map(_plain, shown.splitlines()) if line]
    pattern = "".join(r"(?:.*\n)*?" if line == LEFT_OUT else re.escape(line) + "\n" for line in lines)
    found = "".join(f"{line}\n" for line in map(_plain, said.splitlines()) if line)
    return re.fullmatch(pattern, found) is not None


def _plain(line: str) -> str:
    for pattern, stand_in in OWN:
        line = re.sub(pattern, stand_in, line)
    return " ".join(line.split())
