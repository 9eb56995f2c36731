"""The Event object of a happening.

Source: Kubernetes API, `Event` of events.k8s.io/v1.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from bridge_operator.events.budget import Telling
from bridge_operator.events.happening import Happening

REPORTER = "lmarenabridge.dev/operator"
LONGEST_NOTE = 1024
"""Bytes; the API server refuses more."""


def make_event(pool: Mapping[str, Any], telling: Telling, *, reporter: str, now: str) -> dict[str, Any]:
    """Make the Event about a pool.

    Args:
        pool: The pool as the API server has it.
        telling: What to tell.
        reporter: Who tells: the operator's own name.
        now: The time as RFC 3339 has it, in microseconds.
    """
    metadata, happening = pool["metadata"], telling.happening
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {
            "name": event_name(metadata["name"], telling, reporter),
            "namespace": metadata["namespace"],
        },
        "eventTime": now,
        "reportingController": REPORTER,
        "reportingInstance": reporter,
        "action": "Reconcile",
        "type": happening.type.value,
        "reason": happening.reason,
        "note": note(happening),
        "regarding": {
            "apiVersion": pool["apiVersion"],
            "kind": pool["kind"],
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
        },
    }


def make_repeat(telling: Telling, *, now: str) -> dict[str, Any]:
    """Make the merge patch that counts an Event up."""
    return {"series": {"count": telling.times, "lastObservedTime": now}}


def event_name(pool: str, telling: Telling, reporter: str) -> str:
    """Name an Event so that its repetition finds it, and no other reporter's is met."""
    happening = telling.happening
    parts = (reporter, repr(telling.first), happening.type.value, happening.reason, happening.message)
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"{pool}.{digest[:16]}"


def note(happening: Happening) -> str:
    return happening.message.encode()[:LONGEST_NOTE].decode(errors="ignore")
