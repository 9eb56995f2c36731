"""Judge several pool files together: what is sound, what must be corrected, and what has no effect yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bridge_api.later import cluster_only_fields, unsupported_choices, unused_fields
from bridge_api.manifest import Manifest, Mistake, read_manifest
from bridge_api.pool import BridgeInstancePool


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to say about a place in a file."""

    file: str
    mistake: Mistake

    def __str__(self) -> str:
        path = f"{self.mistake.path}: " if self.mistake.path else ""
        return f"{self.file}:{self.mistake.line}: {path}{self.mistake.message}"


@dataclass(slots=True)
class PoolFiles:
    """What a set of files says."""

    pools: list[BridgeInstancePool] = field(default_factory=list)
    mistakes: list[Finding] = field(default_factory=list)
    """Nothing may start before these are corrected."""

    unsupported: list[Finding] = field(default_factory=list)
    """Valid, but this version cannot carry it out: such a pool must not start."""

    unused: list[Finding] = field(default_factory=list)
    """Kept, but no part of this version acts on it."""

    cluster_only: list[Finding] = field(default_factory=list)
    """Without effect where these files are run locally."""

    @property
    def obstacles(self) -> list[Finding]:
        """What keeps these files from being run."""
        return self.mistakes + self.unsupported


def check_pool_files(texts: Mapping[str, str]) -> PoolFiles:
    """Read the text of each file (by name); a pool's key may stand in one of them only."""
    files = PoolFiles()
    found_in: dict[str, str] = {}
    for name, text in texts.items():
        manifest = read_manifest(text)
        files.mistakes += [Finding(name, mistake) for mistake in manifest.mistakes]
        for pool in manifest.pools:
            first = found_in.setdefault(pool.key, name)
            if first != name:
                files.mistakes.append(_twin(name, first, pool, manifest))
        files.pools += manifest.pools
        files.unsupported += _unsupported(name, manifest)
        files.unused += _unused(name, manifest)
        files.cluster_only += _cluster_only(name, manifest)
    return files


def _twin(name: str, first: str, pool: BridgeInstancePool, manifest: Manifest) -> Finding:
    message = f"a pool called {pool.key} stands in {first} already; give one of them another name"
    return Finding(name, Mistake(manifest.line_of(pool, "metadata.name"), "metadata.name", message))


def _unsupported(name: str, manifest: Manifest) -> Iterator[Finding]:
    for pool in manifest.pools:
        for path, message in unsupported_choices(pool.spec):
            yield Finding(name, Mistake(manifest.line_of(pool, path), path, message))


def _unused(name: str, manifest: Manifest) -> Iterator[Finding]:
    for pool in manifest.pools:
        for path, comes_with in unused_fields(pool.spec):
            message = f"is set; this version keeps it but does not act on it yet (comes with: {comes_with})"
            yield Finding(name, Mistake(manifest.line_of(pool, path), path, message))


def _cluster_only(name: str, manifest: Manifest) -> Iterator[Finding]:
    for pool in manifest.pools:
        for path in cluster_only_fields(pool.spec):
            message = "has an effect in a cluster only; bridge up does without it"
            yield Finding(name, Mistake(manifest.line_of(pool, path), path, message))
