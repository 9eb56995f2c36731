"""What is kept of the objects that there are many of: five thousand whole pods would take a hundred megabytes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge_runtime.kube import Object, Resource
from bridge_runtime.kube.resource import PODS, REPLICA_SETS

_POD_METADATA = (
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "labels",
    "annotations",
    "creationTimestamp",
    "deletionTimestamp",
    "ownerReferences",
)
_POD_STATUS = ("phase", "podIP", "conditions", "containerStatuses", "reason", "message")


def _pod(pod: Object) -> Object:
    return {
        "metadata": _only(pod["metadata"], _POD_METADATA),
        "spec": _only(pod.get("spec", {}), ("nodeName",)),
        "status": _only(pod.get("status", {}), _POD_STATUS),
    }


def _replica_set(replica_set: Object) -> Object:
    return {
        "metadata": _only(replica_set["metadata"], _POD_METADATA),
        "spec": _only(replica_set["spec"], ("replicas",)),
        "status": replica_set.get("status", {}),
    }


def _only(mapping: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: mapping[name] for name in names if name in mapping}


TRIMS: Final[Mapping[Resource, Callable[[Object], Object]]] = {PODS: _pod, REPLICA_SETS: _replica_set}
