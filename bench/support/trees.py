"""What the processes of a tree use: CPU time and memory (PSS: shared pages are counted once over all)."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import psutil

MIB = 2**20


class Role(StrEnum):
    PYTHON = "python"
    DRIVER = "driver"
    CHROMIUM = "chromium"


@dataclass(frozen=True, slots=True)
class Footprint:
    pss_mib: float
    private_mib: float
    """What would be free if they ended (USS): no matter what else runs on the machine."""

    processes: int


def tree(root: int) -> list[psutil.Process]:
    """List a process and all below it."""
    process = psutil.Process(root)
    return [process, *process.children(recursive=True)]


def footprint(processes: Iterable[psutil.Process]) -> Footprint:
    """Add up the memory of what still runs."""
    sizes = [size for process in processes for size in _sizes(process)]
    return Footprint(sum(pss for pss, _ in sizes) / MIB, sum(uss for _, uss in sizes) / MIB, len(sizes))


def _sizes(process: psutil.Process) -> Iterator[tuple[int, int]]:
    with suppress(psutil.NoSuchProcess):
        if process.status() != psutil.STATUS_ZOMBIE:
            used = process.memory_full_info()
            yield used.pss, used.uss


def open_files(processes: Iterable[psutil.Process]) -> int:
    """Count the open files, sockets included."""
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += process.num_fds()
    return total


def cpu_seconds(processes: Iterable[psutil.Process]) -> dict[Role, float]:
    """Add up the CPU time so far, user and system, by what the processes are."""
    used = dict.fromkeys(Role, 0.0)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used[role(process)] += times.user + times.system
    return used


def role(process: psutil.Process) -> Role:
    name = process.name()
    if "chrom" in name or "headless" in name:
        return Role.CHROMIUM
    return Role.DRIVER if "node" in name else Role.PYTHON


def other_chromiums() -> bool:
    """Say whether a Chromium runs now: its program's pages would count for it, too."""
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess):
            if role(process) is Role.CHROMIUM and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False
