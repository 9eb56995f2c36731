"""What an instance starts with: one sound pool that this version can carry out, and a guarded address."""

from pathlib import Path

from bridge_api.addresses import is_loopback
from bridge_api.later import unsupported_choices
from bridge_api.manifest import read_manifest
from bridge_api.pool import BridgeInstancePool
from bridge_browser.live_pool import LivePool
from bridge_runtime.logs import get_logger
from bridge_runtime.watched_file import WatchedFile

log = get_logger("instance")


class CannotStart(Exception):
    """The message says what is wrong and what to do."""


def read_pool(path: Path) -> BridgeInstancePool:
    """Read the one pool of a file.

    Raises:
        CannotStart: There is no sound pool in it, or one that asks for what is not here.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as unreadable:
        raise CannotStart(f"{path}: {unreadable.strerror}") from None
    return _the_pool(path, text)


def pool_file(path: Path, pool: LivePool) -> WatchedFile:
    """Have the pool's edits taken over; after a bad one it stays as it was."""

    def take(text: str) -> None:
        try:
            changed = pool.adopt(_the_pool(path, text))
        except CannotStart as bad:
            log.warning("the pool file is bad, the pool stays as it was", why=str(bad))
            return
        if changed:
            log.info("the pool has changed", fields=changed)

    return WatchedFile(path, take, part="instance")


def _the_pool(path: Path, text: str) -> BridgeInstancePool:
    manifest = read_manifest(text)
    mistakes = [str(mistake) for mistake in manifest.mistakes]
    if not mistakes and len(manifest.pools) != 1:
        mistakes = [f"one pool is wanted, not {len(manifest.pools)}"]
    if not mistakes:
        mistakes = [f"{where}: {what}" for where, what in unsupported_choices(manifest.pools[0].spec)]
    if mistakes:
        raise CannotStart("\n".join(f"{path}: {mistake}" for mistake in mistakes))
    return manifest.pools[0]


def read_token(path: Path | None, host: str) -> str | None:
    """Read the token; without one only this machine is served.

    Raises:
        CannotStart: The file is unreadable or empty, or there is no token for an address that others reach.
    """
    if path is None:
        if not is_loopback(host):
            raise CannotStart(f"--token-file is required to listen on {host}, which others can reach.")
        return None
    try:
        token = path.read_text(encoding="utf-8").strip()
    except OSError as unreadable:
        raise CannotStart(f"{path}: {unreadable.strerror}") from None
    if not token:
        raise CannotStart(f"{path}: is empty; it must hold the pool's token.")
    return token
