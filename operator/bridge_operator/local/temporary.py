"""A temporary directory that goes at the end of its run, or, where that was killed, at the start of a later one."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "bridge-"
LOCK = "lock"


@contextmanager
def temporary_dir(parent: Path) -> Iterator[Path]:
    """Make a directory for the time of a block, and remove those that killed runs of this user have left."""
    for abandoned in _abandoned(parent):
        shutil.rmtree(abandoned, ignore_errors=True)
    # It gets its name once it is locked, so that nobody finds it unlocked and takes it for abandoned.
    draft = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=parent))
    with (draft / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        directory = draft.rename(draft.with_name(draft.name.removeprefix(".")))
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def _abandoned(parent: Path) -> Iterator[Path]:
    """Yield the directories whose lock nobody holds: the kernel lets go of it with the process."""
    for lock in parent.glob(f"{PREFIX}*/{LOCK}"):
        try:
            with lock.open() as held:
                if os.fstat(held.fileno()).st_uid != os.getuid():
                    continue
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue  # held, gone in the meantime, or not ours to read
        yield lock.parent
