"""Which pools and instances exist: the registry file, read whenever it is replaced."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError
from watchfiles import awatch

from bridge_api.wire.local import Registry
from bridge_runtime.logs import get_logger

LOOK_AGAIN_MILLISECONDS = 2000
"""The file is looked at this often even without an event: some file systems announce nothing."""

_log = get_logger("router")


class RegistryFile:
    """The file and what was last read from it."""

    def __init__(self, path: Path, apply: Callable[[Registry], None]) -> None:
        self._path = path.absolute()
        self._apply = apply
        self._text: str | None = None

    def read(self) -> None:
        """Apply the file if it is there, sound and different; otherwise what was known stays."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as unreadable:
            _log.warning("registry not read, the old one stays", file=str(self._path), why=str(unreadable))
            return
        if text == self._text:
            return
        self._text = text
        try:
            registry = Registry.model_validate_json(text)
        except ValidationError as invalid:
            where = "; ".join(
                f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in invalid.errors(include_input=False)[:3]
            )
            _log.warning("registry is bad, the old one stays", file=str(self._path), why=where)
            return
        self._apply(registry)

    async def watch(self) -> None:
        """Read the file whenever it changes, until cancelled; its folder may come later, or go and come again."""
        while True:
            if self._path.parent.is_dir():
                try:
                    await self._watch_folder()
                except (OSError, RuntimeError) as failed:  # what watchfiles raises for a folder that goes
                    _log.warning("registry not watched, trying again", why=str(failed))
            await asyncio.sleep(LOOK_AGAIN_MILLISECONDS / 1000)

    async def _watch_folder(self) -> None:
        self.read()
        async for _ in awatch(
            self._path.parent,
            watch_filter=lambda _, path: path == str(self._path),
            rust_timeout=LOOK_AGAIN_MILLISECONDS,
            yield_on_timeout=True,
            recursive=False,
            step=20,
        ):
            self.read()
