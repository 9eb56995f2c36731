"""What is known of the pools and EndpointSlices of a cluster: kept object by object, so that a change costs what changed."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.local import Registry
from bridge_router.core.slices import Shown, make_registry, read_slice

Place = tuple[str, str]
"""Namespace and name of an object."""


class Taken(NamedTuple):
    """What came of an object."""

    changed: bool
    """Whether the registry is another one now."""

    problem: str = ""
    """Why the object was not taken over, for a person."""


def pool_facts(obj: dict[str, Any]) -> dict[str, Any]:
    """Keep of a pool what a router reads: of its status the wanted number alone."""
    metadata, status = obj["metadata"], obj.get("status") or {}
    return {
        "metadata": {
            name: metadata[name]
            for name in ("namespace", "name", "uid", "resourceVersion")
            if name in metadata
        },
        "spec": obj.get("spec"),
        "status": {"desiredInstances": status.get("desiredInstances", 0)},
    }


def slice_facts(obj: dict[str, Any]) -> dict[str, Any]:
    """Keep of an EndpointSlice what tells instances: they are thousands, and come anew with each change."""
    metadata = obj["metadata"]
    return {
        "metadata": {
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "resourceVersion": metadata["resourceVersion"],
        },
        "shown": read_slice(obj),
    }


class ClusterView:
    """The pools and instances of a cluster as far as they have been seen."""

    def __init__(self) -> None:
        self._pools: dict[Place, BridgeInstancePool] = {}
        self._slices: dict[Place, Shown] = {}

    def take_pool(self, place: Place, facts: Mapping[str, Any] | None) -> Taken:
        """Take over a pool, or with None that it is gone; where it is not understood, the last sound one stays."""
        known = self._pools.get(place)
        if facts is None:
            return Taken(self._pools.pop(place, None) is not None)
        try:
            pool = _read(facts)
        except ValidationError as invalid:
            if known is None or known.metadata.uid == facts["metadata"]["uid"]:
                return Taken(changed=False, problem=_explain(invalid))
            # Another pool of this name: what is known is of one that is gone.
            del self._pools[place]
            return Taken(changed=True, problem=_explain(invalid))
        self._pools[place] = pool
        return Taken(pool != known)

    def take_slice(self, place: Place, facts: Mapping[str, Any] | None) -> Taken:
        """Take over an EndpointSlice, or with None that it is gone."""
        known = self._slices.pop(place, Shown())
        shown = facts["shown"] if facts is not None else Shown()
        if not shown.records:
            return Taken(bool(known.records))
        self._slices[place] = shown
        return Taken(shown != known)

    def registry(self) -> Registry:
        """List what exists now."""
        return make_registry(self._pools.values(), self._slices.values())


def _read(facts: Mapping[str, Any]) -> BridgeInstancePool:
    metadata = {name: value for name, value in facts["metadata"].items() if name != "resourceVersion"}
    return BridgeInstancePool.model_validate({**facts, "metadata": metadata})


def _explain(invalid: ValidationError) -> str:
    errors = invalid.errors(include_url=False, include_input=False)[:3]
    return "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in errors)
