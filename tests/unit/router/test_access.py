"""Who may ask."""

import hashlib

import pytest

from bridge_api.errors import ErrorKind
from bridge_router.core.access import (
    AccessPolicy,
    ApiKey,
    BadKeysFile,
    Caller,
    check,
    parse_keys,
)
from bridge_router.core.outlook import Denial

SECRET = hashlib.sha256(b"sk-right").hexdigest()
WITH_KEYS = AccessPolicy((ApiKey("ann", SECRET),))
WITHOUT_KEYS = AccessPolicy(allowed_origins=frozenset({"https://chat.example"}))


def caller(authorization: str = "", host: str = "127.0.0.1:5104", origin: str | None = None) -> Caller:
    return Caller(authorization, host, origin, port=5104)


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        ("Bearer sk-right", "ann"),
        ("bearer sk-right", "ann"),
        ("Bearer sk-wrong", ErrorKind.INVALID_API_KEY),
        ("Bearer ", ErrorKind.INVALID_API_KEY),
        ("sk-right", ErrorKind.INVALID_API_KEY),
        ("Basic sk-right", ErrorKind.INVALID_API_KEY),
        ("", ErrorKind.INVALID_API_KEY),
    ],
)
def test_with_keys_only_a_known_key_gets_in(authorization: str, expected: str | ErrorKind) -> None:
    verdict = check(WITH_KEYS, caller(authorization, host="api.example"))

    assert (verdict.kind if isinstance(verdict, Denial) else verdict) == expected


@pytest.mark.parametrize("host", ["localhost:5104", "127.0.0.1", "[::1]:5104", "LOCALHOST:80"])
def test_without_keys_a_loopback_host_gets_in_with_any_bearer(host: str) -> None:
    assert check(WITHOUT_KEYS, caller("Bearer anything", host=host)) == ""


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:5104", "localhost.evil.example", "", "127.0.0.1:port", "[::1"]
)
def test_without_keys_a_foreign_host_is_refused(host: str) -> None:
    verdict = check(WITHOUT_KEYS, caller(host=host))

    assert isinstance(verdict, Denial)
    assert verdict.kind is ErrorKind.PERMISSION_DENIED
    assert "Host" in verdict.message


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://127.0.0.1:5104", True),
        ("http://localhost:5104", True),
        ("https://chat.example", True),
        ("https://evil.example", False),
        ("http://localhost:3000", False),
        ("http://chat.example", False),
        ("null", False),
        ("file://localhost:5104", False),
        ("http://[::1", False),
    ],
)
def test_without_keys_a_foreign_origin_is_refused(origin: str | None, allowed: bool) -> None:
    verdict = check(WITHOUT_KEYS, caller(origin=origin))

    assert (verdict == "") is allowed


def test_a_keys_file_has_names_hashes_and_comments() -> None:
    assert parse_keys(f"# people\n\nann {SECRET}\nbob {SECRET.upper()}\n") == (
        ApiKey("ann", SECRET),
        ApiKey("bob", SECRET),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"ann {SECRET}\nbob", "line 2"),
        ("ann plain-text-key", "line 1"),
        (f"ann {SECRET} more", "line 1"),
        (f"ann {SECRET}\n#\nann {SECRET}", "line 3: the name ann stands twice"),
        ("# nothing\n", "no key"),
    ],
)
def test_a_bad_keys_file_says_where(text: str, says: str) -> None:
    with pytest.raises(BadKeysFile, match=says):
        parse_keys(text)
