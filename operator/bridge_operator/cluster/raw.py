"""Reads raw objects of Kubernetes: how a pod is, and what a ReplicaSet goes by."""

from bridge_api import names
from bridge_operator.plan.replica_set import ReplicaPod
from bridge_operator.resources.objects import Object

NO_COST = 0


def runs(pod: Object) -> bool:
    """Tell whether no container of it waits to be started again, or has ended."""
    containers = pod["status"].get("containerStatuses") or ()
    return not any(
        one.get("state", {}).get("waiting") or one.get("state", {}).get("terminated") for one in containers
    )


def has_started(pod: Object) -> bool:
    """Tell whether its process has passed the startup probe: until then it has chatted with nobody."""
    return is_ready(pod) or any(one.get("started") for one in pod["status"].get("containerStatuses") or ())


def has_ended(pod: Object) -> bool:
    return pod["status"].get("phase") in ("Succeeded", "Failed")


def is_ready(pod: Object) -> bool:
    ready = condition_of(pod, "Ready")
    return ready is not None and ready["status"] == "True"


def condition_of(obj: Object, kind: str) -> Object | None:
    conditions = obj.get("status", {}).get("conditions") or ()
    return next((one for one in conditions if one["type"] == kind), None)


def deletion_cost(pod: Object) -> int:
    written = pod["metadata"].get("annotations", {}).get(names.DELETION_COST)
    try:
        return int(written) if written else NO_COST
    except ValueError:
        return NO_COST  # as Kubernetes takes it


def replica_pod(pod: Object) -> ReplicaPod:
    """Read what a ReplicaSet goes by."""
    return ReplicaPod(
        name=pod["metadata"]["name"],
        phase=pod["status"].get("phase", "Pending"),
        assigned=bool(pod["spec"].get("nodeName")),
        ready=is_ready(pod),
        deletion_cost=deletion_cost(pod),
        terminating="deletionTimestamp" in pod["metadata"],
    )
