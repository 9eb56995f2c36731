"""Read the pool files, and again whenever one of them changes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from watchfiles import Change, awatch

from bridge_api.manifest import Mistake
from bridge_api.pool_files import Finding, PoolFiles, check_pool_files
from bridge_runtime.logs import get_logger

LOOK_AGAIN_MILLISECONDS = 2000
"""The files are read this often in any case: a folder that was replaced as a whole tells nobody."""

log = get_logger("operator")


def read_pool_files(paths: Sequence[Path]) -> PoolFiles:
    """Read and judge every file; one that cannot be read is a mistake."""
    texts, unreadable = {}, []
    for path in paths:
        try:
            texts[str(path)] = path.read_text(encoding="utf-8")
        except OSError as refused:
            unreadable.append(Finding(str(path), Mistake(1, "", f"cannot be read: {refused.strerror}")))
        except UnicodeDecodeError:
            unreadable.append(Finding(str(path), Mistake(1, "", "is not text in UTF-8")))
    files = check_pool_files(texts)
    files.mistakes += unreadable
    return files


async def watch_pool_files(paths: Sequence[Path]) -> AsyncIterator[PoolFiles]:
    """Yield what the files say after each change of theirs, for as long as the iterator lives.

    Their folders are watched, because editors replace a file by renaming another one.
    """
    ours = {str(path.resolve()) for path in paths} | {str(path.absolute()) for path in paths}
    folders = {path.absolute().parent for path in paths} | {path.resolve().parent for path in paths}

    def is_ours(_: Change, changed: str) -> bool:
        return changed in ours

    seen = read_pool_files(paths)
    while True:
        try:
            async for _ in awatch(
                *folders,
                watch_filter=is_ours,
                recursive=False,
                rust_timeout=LOOK_AGAIN_MILLISECONDS,
                yield_on_timeout=True,
            ):
                files = read_pool_files(paths)
                if files != seen:
                    seen = files
                    yield files
        except (
            OSError,
            RuntimeError,
        ) as failed:  # what watchfiles raises for a folder that is not there, or without inotify
            log.warning("pool files not watched, trying again", why=str(failed))
        await asyncio.sleep(LOOK_AGAIN_MILLISECONDS / 1000)
