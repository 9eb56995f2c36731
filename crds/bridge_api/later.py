"""Which fields of a spec are set, but not acted upon by any part of this version."""

from collections.abc import Iterator

from pydantic import BaseModel

from bridge_api.base import NotYet
from bridge_api.sites import ADAPTERS
from bridge_api.spec.pool import PoolSpec, Strategy

STRATEGIES = (Strategy.LEAST_BUSY.value, Strategy.ROUND_ROBIN.value)


def unused_fields(spec: PoolSpec) -> list[tuple[str, str]]:
    """List (path, what is to come) for each field that is set and has no effect yet."""
    return list(_marked(spec, "spec"))


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


def _marked(model: BaseModel, path: str) -> Iterator[tuple[str, str]]:
    for name in sorted(model.model_fields_set):
        info = type(model).model_fields[name]
        here = f"{path}.{info.alias or name}"
        mark = next((m for m in info.metadata if isinstance(m, NotYet)), None)
        value = getattr(model, name)
        if mark is not None:
            yield here, mark.what
        elif isinstance(value, BaseModel):
            yield from _marked(value, here)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, BaseModel):
                    yield from _marked(item, f"{here}[{number}]")
