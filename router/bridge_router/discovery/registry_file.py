"""Which pools and instances exist: the registry file, read whenever it is replaced."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from bridge_api.wire.local import Registry
from bridge_router.discovery.source import Apply
from bridge_runtime.logs import get_logger
from bridge_runtime.watched_file import WatchedFile

_log = get_logger("router")


class RegistryFile:
    """Has every sound registry applied; after a bad one the old one stays."""

    def __init__(self, path: Path, apply: Apply) -> None:
        self._path = path
        self._apply = apply
        self.file = WatchedFile(path, self._take, part="router")

    def waits_for(self) -> str:
        return f"no registry yet: {self._path}"

    def ages_seconds(self) -> Mapping[str, float]:
        return {}

    def _take(self, text: str) -> None:
        try:
            registry = Registry.model_validate_json(text)
        except ValidationError as invalid:
            where = "; ".join(
                f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in invalid.errors(include_input=False)[:3]
            )
            _log.warning("registry is bad, the old one stays", file=self._path.name, why=where)
            return
        self._apply(registry)


@asynccontextmanager
async def following_file(path: Path, apply: Apply) -> AsyncIterator[RegistryFile]:
    """Follow the file as long as the block runs."""
    source = RegistryFile(path, apply)
    watching = asyncio.create_task(source.file.watch())
    try:
        yield source
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
