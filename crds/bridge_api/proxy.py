"""The Secret of a proxy: which keys it has, and what they may say. No message of this module quotes a value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PROXY_KEYS: Final = ("server", "username", "password")
SERVER_KEY: Final = "server"

_SERVER: Final = re.compile(
    r"(?P<scheme>https?|socks5)://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})/?"
)
_HIGHEST_PORT: Final = 65535


class SecretUnusable(Exception):
    """A Secret is not there or not as it must be: `reason` is one word, the message says what to do."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where traffic leaves; the credentials show in no representation."""

    server: str
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


def parse_proxy(values: Mapping[str, str], where: str) -> Proxy:
    """Read the values of the keys that are there; `where` names their place for the message.

    Raises:
        SecretUnusable: A value is not as it must be.
    """
    server = _SERVER.fullmatch(values[SERVER_KEY])
    if server is None or not 0 < int(server["port"]) <= _HIGHEST_PORT:
        raise _invalid(
            f"{where}/{SERVER_KEY} must be http://host:port, https://host:port or socks5://host:port; "
            "credentials have keys of their own, username and password."
        )
    username, password = values.get("username") or None, values.get("password") or None
    if password is not None and username is None:
        raise _invalid(f"{where} has a password without a username: add the key, or leave out both.")
    if username is not None and server["scheme"] == "socks5":
        raise _invalid(
            f"{where} has a username, and Chromium takes none for socks5: use an http or https proxy, "
            "or a socks5 proxy that knows this machine by its address."
        )
    return Proxy(values[SERVER_KEY].rstrip("/"), username, password)


def _invalid(message: str) -> SecretUnusable:
    return SecretUnusable("SecretInvalid", message)
