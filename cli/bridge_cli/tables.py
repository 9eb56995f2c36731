"""What `bridge get` and `bridge models` print."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from bridge_api.wire.admin import InstanceView, PoolView
from bridge_api.wire.instance import SlotState, SlotStatus

PLAIN_WIDTH = 400
"""Columns where nobody looks at a screen: a cut cell would be lost to `grep`."""

UNREMARKABLE = (SlotState.READY, SlotState.BUSY)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table, markup=False, highlight=False)


POOL_HEADINGS = (
    "POOL",
    "SITE",
    "STRATEGY",
    "MIN",
    "MAX",
    "DESIRED",
    "READY",
    "SLOTS",
    "BUSY",
    "PENDING",
    "MODELS",
)


def pool_row(pool: PoolView) -> tuple[str, ...]:
    bounds = (pool.min_instances, pool.max_instances)
    counts = (*bounds, pool.desired_instances, f"{pool.ready_instances}/{pool.instances}")
    load = (pool.slots, pool.busy, pool.pending, len(pool.models))
    return (f"{pool.namespace}/{pool.name}", pool.site, pool.strategy, *map(str, counts), *map(str, load))


INSTANCE_HEADINGS = ("INSTANCE", "POOL", "STATE", "SLOTS", "URL", "METRICS", "PROFILE")


def instance_row(instance: InstanceView) -> tuple[str, ...]:
    metrics = f"{instance.metrics_url}/metrics" if instance.metrics_url else "-"
    return (
        instance.instance,
        instance.pool,
        instance_state(instance),
        slots_summary(instance.slots),
        instance.url,
        metrics,
        instance.profile or "-",
    )


def instance_state(instance: InstanceView) -> str:
    """Say what an instance is in one word."""
    if not instance.connected:
        return "Connecting"
    if instance.draining:
        return "Draining"
    if instance.cordoned:
        return "Cordoned"
    if not instance.started:
        return "Starting"
    return "Ready" if instance.ready else "NotReady"


def slots_summary(slots: Sequence[SlotStatus]) -> str:
    """Count the slots by state, and say why some cannot answer."""
    counts = Counter(slot.state.value for slot in slots)
    summary = ", ".join(f"{count} {state}" for state, count in counts.items()) or "-"
    reasons = {_reason(slot): None for slot in slots if slot.state not in UNREMARKABLE and slot.reason}
    return f"{summary} ({'; '.join(reasons)})" if reasons else summary


def _reason(slot: SlotStatus) -> str:
    return f"{slot.reason}: {slot.message}" if slot.message else slot.reason
