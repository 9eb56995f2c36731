"""Tokens between the parts: one master, and from it one for each pool, so that a pod knows only its own."""

import hashlib
import hmac
from collections.abc import Mapping


def pool_token(master: str, pool_uid: str) -> str:
    """Derive a pool's token: HMAC-SHA256 of its UID under the master (RFC 2104)."""
    return hmac.new(master.encode(), pool_uid.encode(), hashlib.sha256).hexdigest()


def bearer_matches(headers: Mapping[str, str], token: str) -> bool:
    """Compare a request's bearer token in constant time."""
    given = headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return hmac.compare_digest(given.encode(), token.encode())
