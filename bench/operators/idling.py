"""What an operator does while nothing happens: the CPU it takes, the looks it has, and what it writes meanwhile."""

import json
import re
import time
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from bench.operators.stage import Stage
from bench.operators.subjects import Subject
from bench.support.waiting import until

QUIET_SECONDS: Final = 300.0
QUIET_FOR_SECONDS: Final = 8.0
WRITES: Final = frozenset({"create", "update", "patch", "delete"})
_LOOKS = re.compile(r"^bridge_operator_reconcile_seconds_count (\S+)$", re.MULTILINE)


class Idle(BaseModel):
    cpu_percent: float
    pss_mib: float
    looks: int
    """At pools; 0 for the peer, which counts none."""

    writes: int
    """To the API server, the renewing of its Lease apart."""


async def idle(stage: Stage, subject: Subject, seconds: float) -> Idle:
    """Wait until nobody writes any more, then look on for a while."""
    await _quiet(stage)
    begin, looks = audit_size(stage.plane.audit_log), await _looks(subject)
    cpu_percent = await subject.cpu_percent(seconds)
    return Idle(
        cpu_percent=cpu_percent,
        pss_mib=subject.memory_mib()[1],
        looks=await _looks(subject) - looks,
        writes=len(writes_since(stage.plane.audit_log, begin, "operator" if subject.probes else "kopf")),
    )


async def _quiet(stage: Stage) -> None:
    """Wait until nothing has been written for a while, by whomever."""
    seen, since = -1, time.monotonic()

    async def quiet() -> bool:
        nonlocal seen, since
        now = audit_size(stage.plane.audit_log)
        if now != seen and writes_since(stage.plane.audit_log, max(seen, 0), ""):
            since = time.monotonic()
        seen = now
        return time.monotonic() - since > QUIET_FOR_SECONDS

    await until(quiet, within_seconds=QUIET_SECONDS, what="a cluster in which nothing happens")


def audit_size(log: Path) -> int:
    return log.stat().st_size


def writes_since(log: Path, begin: int, who: str) -> list[str]:
    """List what clients whose name contains `who` have written since, but for Leases."""
    with log.open("rb") as lines:
        if begin:
            lines.seek(begin - 1)
            lines.readline()  # the rest of one that was half written then
        entries = [json.loads(line) for line in lines if line.endswith(b"\n")]
    return [
        f"{entry['verb']} {entry['requestURI']}"
        for entry in entries
        if entry["verb"] in WRITES
        and who in entry.get("userAgent", "")
        and entry.get("objectRef", {}).get("resource") != "leases"
    ]


async def _looks(subject: Subject) -> int:
    if subject.probes is None:
        return 0
    found = _LOOKS.search((await subject.probes.answers("/metrics"))[1])
    return int(float(found[1])) if found else 0
