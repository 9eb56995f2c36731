"""Read a Secret as Kubernetes mounts it: a directory with a file for each key. No message quotes a value."""

from pathlib import Path

from bridge_api.proxy import PROXY_KEYS, SERVER_KEY, Proxy, SecretUnusable, parse_proxy


def read_proxy(directory: Path) -> Proxy:
    """Read a proxy's Secret.

    Raises:
        SecretUnusable: The required key is not there, one cannot be read, or one is not as it must be.
    """
    values = {}
    for key in PROXY_KEYS:
        value = _read_key(directory / key)
        if value is not None:
            values[key] = value
    if not values.get(SERVER_KEY):
        raise SecretUnusable(
            "SecretMissing",
            f"{directory / SERVER_KEY} is wanted and not there: put the proxy's address into it, such as http://host:port.",
        )
    return parse_proxy(values, str(directory))


def _read_key(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as unreadable:
        why = unreadable.strerror if isinstance(unreadable, OSError) else "it is not text in UTF-8"
        raise SecretUnusable(
            "SecretMissing", f"{path} cannot be read ({why}): make it readable for the user of this process."
        ) from None
