"""Marks busy pods, so that a node that is emptied waits for them: at once, and until they have been idle for a while."""

from typing import NamedTuple

from bridge_api.names import BUSY_LABEL, SAFE_TO_EVICT
from bridge_operator.cluster.observe import ObservedPod

IDLE_SECONDS = 30.0
"""Between two chats a pod is idle for moments: its label stays, or every chat would be two writes."""


class Mark(NamedTuple):
    labels: dict[str, str | None]
    annotations: dict[str, str | None]


BUSY = Mark({BUSY_LABEL: "true"}, {SAFE_TO_EVICT: "false"})
BUSY_AND_EVICTABLE = Mark({BUSY_LABEL: "true"}, {SAFE_TO_EVICT: "true"})
"""Of a pool with `drain.disruption: Always`."""

IDLE = Mark({BUSY_LABEL: None}, {SAFE_TO_EVICT: "true"})


def wanted_mark(pod: ObservedPod, now: float, *, protect: bool) -> tuple[Mark | None, float | None]:
    """Return what to write, if anything, and after how many seconds to look again, if time alone may change it."""
    heard = pod.heard
    if heard is None or pod.terminating:
        return None, None
    if heard.idle_since is None:
        busy = BUSY if protect else BUSY_AND_EVICTABLE
        return (None if pod.labelled_busy and _says(pod, busy) else busy), None
    if not pod.labelled_busy:
        return None, None
    left = heard.idle_since + IDLE_SECONDS - now
    if left > 0:
        return None, left
    return (IDLE if heard.connected else None), None


def _says(pod: ObservedPod, mark: Mark) -> bool:
    there = pod.obj["metadata"].get("annotations", {})
    return all(there.get(name) == value for name, value in mark.annotations.items())
