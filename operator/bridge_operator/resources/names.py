"""Names of the objects that belong to a pool: readable at the front, unique by a digest of the pool's UID at the end."""

import hashlib
import json

from bridge_api.pool import BridgeInstancePool

REVISION_NAME_LENGTH = 28
"""Characters of the pool's name: with the digest and what a ReplicaSet and its pods add, 63 are not passed."""


def base_name(pool: BridgeInstancePool) -> str:
    """Name what a pool has once: Service, token, account, policies."""
    return f"{_readable(pool.metadata.name)}-{_digest(pool.metadata.uid)[:8]}"


def revision_name(pool: BridgeInstancePool, profile: str, template_hash: str) -> str:
    """Name what a pool has for each profile and template: Deployment and ConfigMap."""
    readable = _readable(pool.metadata.name)[:REVISION_NAME_LENGTH].rstrip("-")
    return f"{readable}-{_digest(pool.metadata.uid, profile, template_hash)[:10]}"


def _readable(name: str) -> str:
    """Begin with a letter: a pool may be called `4o`, a Service may not."""
    return name if name[0].isalpha() else f"p{name}"


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
