"""What to show while instances start, and when there is nothing more to wait for; pure."""

import json
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from bridge_api.wire.admin import InstanceView, PoolView
from bridge_cli.tables import instance_state, slots_summary

SHOWN_MODELS = 5
"""A site may have hundreds; `bridge models` lists them."""


class Glimpse(NamedTuple):
    """What the router says at one moment."""

    pools: Sequence[PoolView]
    instances: Sequence[InstanceView]


class Line(NamedTuple):
    """How one instance is."""

    name: str
    state: str
    slots: str

    def __str__(self) -> str:
        return f"{self.name}: {self.state}, slots: {self.slots}"


def lines(glimpse: Glimpse) -> list[Line]:
    return [
        Line(instance.instance, instance_state(instance), slots_summary(instance.slots))
        for instance in glimpse.instances
    ]


def settled(glimpse: Glimpse, pools_wanted: int) -> bool:
    """Say whether every pool has as many instances as it wants, and every slot of theirs a first state."""
    if len(glimpse.pools) < pools_wanted:
        return False
    return all(_started(pool, glimpse.instances) >= pool.desired_instances for pool in glimpse.pools)


def summary(glimpse: Glimpse, url: str, metrics_url: str) -> str:
    """Say where everything is, how to ask and how to stop."""
    models = [f"{model}" for pool in glimpse.pools for model in pool.models]
    return "\n".join(
        [
            "",
            *(_pool_line(pool) for pool in glimpse.pools),
            "",
            f"  API      {url}/v1",
            f"  Models   {_models(models)}",
            f"  Metrics  {metrics_url}/metrics",
            "",
            *_examples(url, models),
            "  Stop     Ctrl-C: running chats end first, a second Ctrl-C stops at once",
            "",
        ]
    )


def _started(pool: PoolView, instances: Sequence[InstanceView]) -> int:
    key = f"{pool.namespace}/{pool.name}"
    return sum(one.pool == key and one.connected and one.started and not one.draining for one in instances)


def _pool_line(pool: PoolView) -> str:
    ready = f"{pool.ready_instances} of {pool.instances} instances ready, {pool.slots} slots"
    return f"Pool {pool.namespace}/{pool.name} for {pool.site}: {ready}{_hint(pool)}"


def _hint(pool: PoolView) -> str:
    if pool.desired_instances == 0:
        return " (none is wanted: spec.paused, or minInstances is 0 and the first request starts one)"
    return "" if pool.ready_instances else " (bridge get instances says why)"


def _models(models: list[str]) -> str:
    if not models:
        return "none yet: no page has shown its list"
    shown = ", ".join(models[:SHOWN_MODELS])
    return (
        f"{shown} and {len(models) - SHOWN_MODELS} more (bridge models)"
        if len(models) > SHOWN_MODELS
        else shown
    )


def _examples(url: str, models: list[str]) -> list[str]:
    if not models:
        return []
    body = {"model": models[0], "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
    base = f" --base-url {url}/v1"
    return [
        f"  Try      bridge chat Hello --model {shlex.quote(models[0])}{base}",
        f"           curl -N {url}/v1/chat/completions -H 'Content-Type: application/json' \\",
        f"             -d {shlex.quote(json.dumps(body, ensure_ascii=False))}",
    ]
