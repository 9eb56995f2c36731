"""What the stand-in processes share: arguments, the journal for tests, and how they end."""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

from bridge_api.wire.local import Listening
from bridge_runtime.lifeline import Ending, watch_for_ending


def stage() -> Path:
    """Return the folder in which the test and its stand-ins leave each other notes."""
    return Path(os.environ["STAND_IN_STAGE"])


def note(kind: str, name: str) -> None:
    entry = json.dumps({"kind": kind, "name": name, "pid": os.getpid()})
    descriptor = os.open(stage() / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, f"{entry}\n".encode())
    os.close(descriptor)


def arguments() -> dict[str, str]:
    """Read `--name value` pairs, whatever they are."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lifeline", action="store_true")
    known, rest = parser.parse_known_args()
    assert known.lifeline, "a child without a lifeline outlives its parent"
    return dict(zip(rest[::2], rest[1::2], strict=True))


async def until_asked(name: str) -> None:
    ending: Ending = watch_for_ending(lifeline=True)
    await ending.drain.wait()
    note("at once" if ending.now.is_set() else "drains", name)
    while (stage() / "hold-drains").exists() and not ending.now.is_set():
        await asyncio.wait([asyncio.create_task(ending.now.wait())], timeout=0.05)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - what a child writes is what its parent passes on


def announce(url: str) -> None:
    print(Listening(url=url, metrics_url=url).model_dump_json(by_alias=True), flush=True)  # noqa: T201 - the parent waits for it
