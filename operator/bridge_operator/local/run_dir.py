"""The directory of one local run: tokens that only this user can read, pool files for instances, the registry."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bridge_api.pool import BridgeInstancePool
from bridge_operator.local.temporary import temporary_dir
from bridge_runtime.tokens import load_token, pool_token


class RunDir:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.master_token = secrets.token_urlsafe(32)
        self.load_token = load_token(self.master_token)
        self.master_token_file = path / "master-token"
        self.registry_file = path / "registry.json"
        write_privately(self.master_token_file, self.master_token)

    def write_pool(self, pool: BridgeInstancePool) -> None:
        """Write what an instance of this pool is started with; the pool has a UID."""
        write_privately(self.pool_token_file(pool.key), self.token_of(pool))
        write_privately(self.pool_file(pool.key), pool.model_dump_json(by_alias=True, exclude_unset=True))

    def token_of(self, pool: BridgeInstancePool) -> str:
        return pool_token(self.master_token, pool.metadata.uid)

    def pool_file(self, key: str) -> Path:
        return self.path / f"pool-{_flat(key)}.json"

    def pool_token_file(self, key: str) -> Path:
        return self.path / f"token-{_flat(key)}"

    def scratch(self, instance: str) -> Path:
        """Name an instance's directory for temporary files; short, because Chromium keeps a socket in it."""
        return self.path / f"tmp-{instance[-5:]}"

    def clear(self) -> None:
        """Remove what this run has written."""
        for pattern in ("master-token*", "registry.json*", "pool-*", "token-*"):
            for file in self.path.glob(pattern):
                file.unlink(missing_ok=True)


@contextmanager
def run_dir(chosen: Path | None) -> Iterator[RunDir]:
    """Make the directory for the time of a block: the chosen one, or a temporary one that goes at the end."""
    if chosen is None:
        with temporary_dir(Path(tempfile.gettempdir())) as temporary:
            yield RunDir(temporary)
        return
    chosen.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = RunDir(chosen)
    try:
        yield kept
    finally:
        kept.clear()


@contextmanager
def private_dir(path: Path) -> Iterator[None]:
    """Have a directory for the time of a block, readable by this user only."""
    path.mkdir(mode=0o700)
    try:
        yield
    finally:
        shutil.rmtree(path, ignore_errors=True)


def write_privately(path: Path, text: str) -> None:
    """Replace a file as a whole, readable by this user only: a reader sees the old text or the new one."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)


def _flat(key: str) -> str:
    """Make a file name of `namespace/name`; neither may hold a dot."""
    return key.replace("/", ".")
