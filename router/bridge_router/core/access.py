"""Who may ask: API keys where there are any, and on loopback without keys only callers of this very machine."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from bridge_api.errors import ErrorKind
from bridge_router.core.outlook import Denial

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_HASH = re.compile(r"[0-9a-f]{64}")
_KEY_NAME = re.compile(r"[A-Za-z0-9._-]{1,63}")


class ApiKey(NamedTuple):
    """A key that is known by its SHA-256 only."""

    name: str
    sha256: str


class BadKeysFile(ValueError):
    """A keys file that cannot be used; the message says where."""


class AccessPolicy(NamedTuple):
    """What is asked of a request."""

    keys: tuple[ApiKey, ...] = ()
    """Empty: any bearer passes, and `Host` and `Origin` are looked at instead."""

    allowed_origins: frozenset[str] = frozenset()
    """Web origins, such as `https://chat.example`, whose pages may ask."""


class Caller(NamedTuple):
    """What a request says of where it comes from."""

    authorization: str
    host: str
    origin: str | None
    port: int
    """Our own port that it came in by."""


def parse_keys(text: str) -> tuple[ApiKey, ...]:
    """Read lines of `name sha256hex`; empty ones and those with `#` in front are comments.

    Raises:
        BadKeysFile: With the line's number.
    """
    keys: list[ApiKey] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 2 or not _KEY_NAME.fullmatch(words[0]) or not _HASH.fullmatch(words[1].lower()):  # noqa: PLR2004 - name and hash
            raise BadKeysFile(
                f"line {number}: wanted is a name, a space and the key's SHA-256 in hexadecimal"
            )
        if any(words[0] == key.name for key in keys):
            raise BadKeysFile(f"line {number}: the name {words[0]} stands twice")
        keys.append(ApiKey(words[0], words[1].lower()))
    if not keys:
        raise BadKeysFile(
            "there is no key in it; a line is a name, a space and the key's SHA-256 in hexadecimal"
        )
    return tuple(keys)


def find_key(keys: Sequence[ApiKey], authorization: str) -> ApiKey | None:
    """Find the key that a request shows, looking at every one in constant time."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    digest = hashlib.sha256(given.strip().encode()).hexdigest()
    found = None
    for key in keys:
        if hmac.compare_digest(digest, key.sha256):
            found = key
    return found


def check(policy: AccessPolicy, caller: Caller) -> str | Denial:
    """Return the caller's key id (empty without keys), or why it may not ask."""
    if policy.keys:
        key = find_key(policy.keys, caller.authorization)
        return key.name if key else _wrong_key(shown=bool(caller.authorization))
    return _foreign_host(caller) or _foreign_origin(policy, caller) or ""


def _wrong_key(*, shown: bool) -> Denial:
    message = (
        "This API key is not known here." if shown else "An API key is needed: `Authorization: Bearer KEY`."
    )
    return Denial(ErrorKind.INVALID_API_KEY, message)


def _foreign_host(caller: Caller) -> Denial | None:
    name = _host_name(f"//{caller.host}")
    if name in LOOPBACK_NAMES:
        return None
    message = (
        f"The Host header names {caller.host!r}: without API keys only localhost, 127.0.0.1 and [::1] are "
        "answered, so that no web page can reach this API by a name of its own. With API keys "
        "(--api-keys-file, BRIDGE_API_KEYS_FILE) any name is."
    )
    return Denial(ErrorKind.PERMISSION_DENIED, message)


def _foreign_origin(policy: AccessPolicy, caller: Caller) -> Denial | None:
    origin = caller.origin
    if origin is None or origin in policy.allowed_origins or _is_own_origin(origin, caller):
        return None
    message = f"Web pages of {origin!r} may not use this API; --allowed-origins (BRIDGE_ALLOWED_ORIGINS) would let them."
    return Denial(ErrorKind.PERMISSION_DENIED, message)


def _is_own_origin(origin: str, caller: Caller) -> bool:
    try:
        parts = urlsplit(origin)
        own = parts.hostname in LOOPBACK_NAMES and parts.port == caller.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and (own or parts.netloc == caller.host)


def _host_name(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises where the port is no number
    except ValueError:
        return None
    return parts.hostname
