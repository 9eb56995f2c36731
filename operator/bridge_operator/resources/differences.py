"""Where an object is not as intended: every field that we set must have that value; what others set is theirs.

An API server fills in defaults, drops what is empty and writes quantities its own way: none of that is a difference.
"""

from collections.abc import Iterable
from typing import Any

from bridge_operator.resources.objects import Object
from bridge_operator.resources.quantity import parse_quantity

_KEYS = {
    "ownerReferences": "uid",
    "containers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "imagePullSecrets": "name",
    "containers.ports": "containerPort",
    "spec.ports": "port",
}
"""Lists whose items Kubernetes knows by a key, so that others may add their own; of all others we own the whole."""

_QUANTITIES = frozenset({"requests", "limits"})
_EMPTY: tuple[Any, ...] = (None, "", {}, [])


def differs(intent: Object, observed: Object) -> str | None:
    """Return the path of the first field that is not as intended; None: the object is as it should be."""
    return _differs(intent, observed, ())


def _differs(intent: Any, observed: Any, path: tuple[str, ...]) -> str | None:
    if observed is None and intent in _EMPTY:
        return None
    if isinstance(intent, dict) and isinstance(observed, dict):
        return _first(_differs(value, observed.get(name), (*path, name)) for name, value in intent.items())
    if isinstance(intent, list) and isinstance(observed, list):
        return _list_differs(intent, observed, path)
    return None if _same(intent, observed, path) else ".".join(path)


def _list_differs(intent: list[Any], observed: list[Any], path: tuple[str, ...]) -> str | None:
    key = _KEYS.get(".".join(path[-2:])) or _KEYS.get(path[-1] if path else "")
    if key is not None:
        there = {item.get(key): item for item in observed}
        return _first(_differs(item, there.get(item.get(key)), path) for item in intent)
    if len(intent) != len(observed):
        return ".".join(path)
    return _first(_differs(one, other, path) for one, other in zip(intent, observed, strict=True))


def _first(found: Iterable[str | None]) -> str | None:
    return next((path for path in found if path is not None), None)


def _same(intent: Any, observed: Any, path: tuple[str, ...]) -> bool:
    if type(intent) is type(observed) and intent == observed:
        return True
    if len(path) > 1 and path[-2] in _QUANTITIES:
        wanted = parse_quantity(intent)
        return wanted is not None and wanted == parse_quantity(observed)
    return False
