"""The operators to measure, as processes: ours, and one on plain kopf."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import psutil

from bench.operators.stage import NAMESPACE, Stage
from bench.peers.plain_kopf import EVERYTHING_KNOWN
from bench.support.trees import MIB
from bench.support.waiting import until
from tests.support.cluster.operators import OperatorProcess, start_operator
from tests.support.processes import Part

READY_SECONDS: Final = 120.0
OK: Final = 200


class Kind(StrEnum):
    OURS = "the bridge's operator"
    PEER = "plain kopf"


@dataclass(slots=True)
class Subject:
    """A running operator."""

    part: Part
    started: float
    ready_seconds: float = 0.0
    """From the start of the process until it knew all that was there."""

    ready_cpu_seconds: float = 0.0
    """What it computed until then, whoever else used the machine."""

    acting_seconds: float = 0.0
    """Until it acted on that: ours must win its Lease."""

    probes: OperatorProcess | None = None

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self.part.process.pid)

    def cpu_seconds(self) -> float:
        times = self.process.cpu_times()
        return times.user + times.system

    def memory_mib(self) -> tuple[float, float]:
        """Return resident and proportional memory."""
        used = self.process.memory_full_info()
        return used.rss / MIB, used.pss / MIB

    def peak_rss_mib(self) -> float:
        """Return the most that has ever been resident (`VmHWM`)."""
        status = Path(f"/proc/{self.part.process.pid}/status").read_text()
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0

    async def cpu_percent(self, seconds: float) -> float:
        """Measure how much of a core it takes from now on."""
        before, began = self.cpu_seconds(), time.monotonic()
        await asyncio.sleep(seconds)
        return 100 * (self.cpu_seconds() - before) / (time.monotonic() - began)


@asynccontextmanager
async def running(kind: Kind, stage: Stage, *, pools: int = 0, pods: int = 0) -> AsyncIterator[Subject]:
    """Run an operator that knows what is there, and acts."""
    subject = await (_ours(stage) if kind is Kind.OURS else _peer(stage, pools, pods))
    try:
        await _until_ready(subject)
        yield subject
    finally:
        await subject.part.stop()


async def _ours(stage: Stage) -> Subject:
    began = time.monotonic()
    operator = await start_operator(stage.plane, stage.folder, NAMESPACE)
    return Subject(operator.part, began, probes=operator)


async def _peer(stage: Stage, pools: int, pods: int) -> Subject:
    kubeconfig = stage.plane.access().write_kubeconfig(stage.folder / "peer.kubeconfig")
    counts = (f"--pools={pools}", f"--pods={pods}")
    arguments = ["bench.peers.plain_kopf", f"--kubeconfig={kubeconfig}", f"--namespace={NAMESPACE}", *counts]
    began = time.monotonic()
    part = await Part.start(arguments, stage.folder / f"peer-{began}.log")
    return Subject(part, began)


async def _until_ready(subject: Subject) -> None:
    probes = subject.probes

    async def knows() -> bool:
        if probes is None:
            return EVERYTHING_KNOWN in subject.part.text
        return (await probes.answers("/readyz"))[0] == OK

    async def acts() -> bool:
        return probes is None or await probes.leads()

    await until(knows, within_seconds=READY_SECONDS, what="the operator knowing everything")
    subject.ready_seconds = time.monotonic() - subject.started
    subject.ready_cpu_seconds = subject.cpu_seconds()
    await until(acts, within_seconds=READY_SECONDS, what="the operator acting")
    subject.acting_seconds = time.monotonic() - subject.started
