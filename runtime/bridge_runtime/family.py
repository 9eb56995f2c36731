"""Find a child with all that it started, even what has left its session or outlived it.

Each child gets a mark in its environment, which its own children inherit; a child of a marked process adds its mark to
the ones that are there, so that everyone above finds it too.
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress

import psutil

MARKS = "BRIDGE_FAMILY"
"""Environment variable with the marks of all ancestors that our parts have started, separated by slashes."""


def marked(environment: Mapping[str, str] | None) -> tuple[dict[str, str], str]:
    """Return an environment (None: this process's) with a mark of its own, and the mark."""
    base = dict(os.environ if environment is None else environment)
    mark = secrets.token_hex(8)
    base[MARKS] = f"{base[MARKS]}/{mark}" if base.get(MARKS) else mark
    return base, mark


def family(mark: str) -> list[psutil.Process]:
    """List every process with this mark, and their descendants."""
    members: dict[int, psutil.Process] = {}
    for candidate in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if mark in candidate.environ().get(MARKS, "").split("/"):
                members[candidate.pid] = candidate
    for member in list(members.values()):
        with suppress(psutil.Error):
            members |= {descendant.pid: descendant for descendant in member.children(recursive=True)}
    return list(members.values())


def is_alive(process: psutil.Process) -> bool:
    """Say whether a process still does something: a zombie only waits for its parent to look."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
