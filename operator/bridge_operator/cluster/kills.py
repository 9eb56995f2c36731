"""Counts the pods that were told to end, or died, while they chatted: whoever did it, so that nobody can say it never happens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bridge_api.names import POOL_UID_LABEL
from bridge_operator.cluster.heard import Heard
from bridge_operator.cluster.metrics import Metrics
from bridge_operator.cluster.raw import runs
from bridge_operator.events.happening import Happening, busy_instance_killed
from bridge_runtime.kube import Change, Key, Object
from bridge_runtime.logs import get_logger

log = get_logger("operator")


class Listener(Protocol):
    """Knows what pods have said."""

    def heard(self, uid: str) -> Heard | None: ...


@dataclass(slots=True)
class Kills:
    instances: Listener
    expected: set[str]
    """UIDs of the pods that the operator has let go."""

    metrics: Metrics
    tell: Callable[[Key, str, Happening], None]
    """Told of the pool, and of which of its name by its UID."""

    def note(self, pool: Key, change: Change) -> None:
        """Take in what became of a pod."""
        before, after = change.before, change.after
        if before is None:
            return
        uid = before["metadata"]["uid"]
        if after is None:
            self.expected.discard(uid)
        busy = self._busy_slots(uid) if runs(before) else 0
        cause = _cause(before, after, expected=uid in self.expected)
        if cause and busy:
            self.metrics.busy_kills.labels(*pool, cause).inc()
            pool_uid = before["metadata"]["labels"].get(POOL_UID_LABEL, "")
            self.tell(pool, pool_uid, busy_instance_killed(change.key.name, busy, cause))
            log.error(
                "a busy pod was told to end", pool=str(pool), pod=change.key.name, cause=cause, chats=busy
            )

    def _busy_slots(self, uid: str) -> int:
        heard = self.instances.heard(uid)
        return heard.busy_slots if heard is not None else 0


def _cause(before: Object, after: Object | None, *, expected: bool) -> str:
    """Name why a pod ends that did not before; empty: it does not, or did already."""
    if "deletionTimestamp" in before["metadata"]:
        return ""
    if after is None:
        return "Deleted"
    if "deletionTimestamp" in after["metadata"]:
        return "ScaleDown" if expected else _disruption(after)
    ended, ended_before = _last_end(after), _last_end(before)
    return str(ended.get("reason") or "Died") if ended and ended != ended_before else ""


def _disruption(pod: Object) -> str:
    """Read why Kubernetes ends a pod: eviction, preemption, a taint (condition DisruptionTarget)."""
    for condition in pod["status"].get("conditions") or ():
        if condition["type"] == "DisruptionTarget" and condition["status"] == "True":
            return str(condition.get("reason") or "Disrupted")
    return "Deleted"


def _last_end(pod: Object) -> Object:
    """Read how its process ended last; a kubelet says so first in `state`, and in `lastState` once it waits or runs again."""
    for container in pod["status"].get("containerStatuses") or ():
        for state in ("state", "lastState"):
            if ended := container.get(state, {}).get("terminated"):
                return dict(ended)
    return {}
