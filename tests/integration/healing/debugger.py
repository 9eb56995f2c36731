"""Hold a process as a debugger does: it hangs, and the kernel does not call it stopped."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

PTRACE_ATTACH = 16
PTRACE_DETACH = 17
ANY_THREAD = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def held(process: psutil.Process) -> Iterator[None]:
    """Hold every thread for the block; the process may be killed meanwhile."""
    threads = [int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir()]
    for thread in threads:
        _call(PTRACE_ATTACH, thread)
        os.waitpid(thread, ANY_THREAD)
    try:
        yield
    finally:
        for thread in reversed(
            threads
        ):  # the main thread last: it ends only after the others have been waited for
            try:
                _call(PTRACE_DETACH, thread)
            except OSError:  # it was killed: who holds it must look at its end before its parent can
                with suppress(ChildProcessError):
                    os.waitpid(thread, ANY_THREAD)


def _call(request: int, number: int) -> None:
    if _libc.ptrace(request, number, None, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
