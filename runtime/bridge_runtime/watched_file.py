"""A text file that somebody replaces now and then: read at the start, and again whenever it says something else."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from watchfiles import awatch

from bridge_runtime.logs import get_logger

LOOK_AGAIN_MILLISECONDS = 2000
"""The file is looked at this often even without an event: some file systems announce nothing, and a mounted
ConfigMap changes behind a symbolic link."""

STEP_MILLISECONDS = 20
"""Changes closer together than this are one."""


class WatchedFile:
    """The file, and what was last read from it."""

    def __init__(self, path: Path, tell: Callable[[str], None], *, part: str) -> None:
        self._path = path.absolute()
        self._tell = tell
        self._text: str | None = None
        self._log = get_logger(part)

    def read(self) -> None:
        """Tell the text if the file is there and says something new."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as unreadable:
            self._log.warning(
                "file not read, what was known stays", file=self._path.name, why=type(unreadable).__name__
            )
            return
        if text != self._text:
            self._text = text
            self._tell(text)

    async def watch(self) -> None:
        """Read the file whenever it changes, until cancelled; its folder may come later, or go and come again."""
        while True:
            if self._path.parent.is_dir():
                try:
                    await self._watch_folder()
                except (OSError, RuntimeError) as failed:  # what watchfiles raises for a folder that goes
                    self._log.warning(
                        "file not watched, trying again", file=self._path.name, why=type(failed).__name__
                    )
            await asyncio.sleep(LOOK_AGAIN_MILLISECONDS / 1000)

    async def _watch_folder(self) -> None:
        self.read()
        async for _ in awatch(
            self._path.parent,
            watch_filter=lambda _, path: path == str(self._path),
            rust_timeout=LOOK_AGAIN_MILLISECONDS,
            yield_on_timeout=True,
            recursive=False,
            step=STEP_MILLISECONDS,
        ):
            self.read()
