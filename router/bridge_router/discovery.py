"""Which pools and instances exist: the registry file, read whenever it is replaced."""

from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from bridge_api.wire.local import Registry
from bridge_runtime.logs import get_logger
from bridge_runtime.watched_file import WatchedFile

_log = get_logger("router")


def registry_file(path: Path, apply: Callable[[Registry], None]) -> WatchedFile:
    """Have every sound registry applied; after a bad one the old one stays."""

    def take(text: str) -> None:
        try:
            registry = Registry.model_validate_json(text)
        except ValidationError as invalid:
            where = "; ".join(
                f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in invalid.errors(include_input=False)[:3]
            )
            _log.warning("registry is bad, the old one stays", file=path.name, why=where)
            return
        apply(registry)

    return WatchedFile(path, take, part="router")
