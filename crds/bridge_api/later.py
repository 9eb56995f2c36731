"""Which fields of a spec are set without effect: no part of this version acts on them, or none outside a cluster."""

from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel

from bridge_api.base import ClusterOnly, NotYet
from bridge_api.sites import ADAPTERS
from bridge_api.spec.pool import PoolSpec, Strategy

Mark = TypeVar("Mark", NotYet, ClusterOnly)

STRATEGIES = (Strategy.LEAST_BUSY.value, Strategy.ROUND_ROBIN.value)


def unused_fields(spec: PoolSpec) -> list[tuple[str, str]]:
    """List (path, what is to come) for each field that is set and has no effect yet."""
    return [(path, mark.what) for path, mark in _marked(spec, "spec", NotYet)]


def cluster_only_fields(spec: PoolSpec) -> list[str]:
    """List the path of each field that is set and has an effect in a cluster only."""
    return [path for path, _ in _marked(spec, "spec", ClusterOnly)]


def unsupported_choices(spec: PoolSpec) -> list[tuple[str, str]]:
    """List (path, message) for each valid choice that this version cannot carry out: such a pool must not start."""
    found = []
    adapter = ADAPTERS.get(spec.site.adapter)
    if adapter is None:
        found.append(
            ("spec.site.adapter", f"no adapter {spec.site.adapter!r} here; there is: {', '.join(ADAPTERS)}")
        )
    elif spec.site.mode not in adapter.modes:
        found.append(
            (
                "spec.site.mode",
                f"adapter {spec.site.adapter} has no mode {spec.site.mode} yet; it has: {', '.join(adapter.modes)}",
            )
        )
    if spec.load_balancing.strategy not in STRATEGIES:
        found.append(
            (
                "spec.loadBalancing.strategy",
                f"no strategy {spec.load_balancing.strategy!r} yet; there is: {', '.join(STRATEGIES)}",
            )
        )
    return found


def _marked(model: BaseModel, path: str, kind: type[Mark]) -> Iterator[tuple[str, Mark]]:
    for name in sorted(model.model_fields_set):
        info = type(model).model_fields[name]
        here = f"{path}.{info.alias or name}"
        mark = next((m for m in info.metadata if isinstance(m, kind)), None)
        value = getattr(model, name)
        if mark is not None:
            yield here, mark
        elif isinstance(value, BaseModel):
            yield from _marked(value, here, kind)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, BaseModel):
                    yield from _marked(item, f"{here}[{number}]", kind)
