"""Tokens between the parts: from one master, which itself is never sent, one for each pool and one for the load feed."""

import hashlib
import hmac
from collections.abc import Mapping

_LOAD = b"load feed"
"""No UID and no pool's key is called so."""


def pool_token(master: str, pool_uid: str) -> str:
    """Derive a pool's token: HMAC-SHA256 of its UID under the master (RFC 2104)."""
    return hmac.new(master.encode(), pool_uid.encode(), hashlib.sha256).hexdigest()


def load_token(master: str) -> str:
    """Derive the token for the load of all pools: whoever poses as a router learns from it only what it may hear."""
    return hmac.new(master.encode(), _LOAD, hashlib.sha256).hexdigest()


def bearer_matches(headers: Mapping[str, str], token: str) -> bool:
    """Compare a request's bearer token in constant time."""
    given = headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return hmac.compare_digest(given.encode(), token.encode())
