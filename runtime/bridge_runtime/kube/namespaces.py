"""Which namespaces a process looks after: those that it is told, all of them, or the one that its pod is in."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

ALL_NAMESPACES: Final = "*"
"""As people write it; the API's word for it is the empty name."""

_OWN: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def own_namespace(file: Path = _OWN) -> str | None:
    """Return the namespace of this pod, as Kubernetes tells it in a file; None: this is no pod."""
    try:
        return file.read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def watched_namespaces(wanted: Iterable[str]) -> list[str]:
    """Return each namespace once, and only the empty name where all are wanted."""
    named = list(dict.fromkeys(wanted))
    return [""] if ALL_NAMESPACES in named else named
