"""What is kept of the objects that there are many of: five thousand whole pods would take hundreds of megabytes."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge_operator.resources.objects import digest_of
from bridge_runtime.kube import Object, Resource
from bridge_runtime.kube.resource import PODS, REPLICA_SETS

TEMPLATE: Final = "template"
"""In the spec of a ReplicaSet: the digest of the template in place of it."""

ADDED_TO_REPLICA_SETS: Final = "pod-template-hash"
_METADATA = (
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
_POD_STATUS = ("phase", "podIP", "reason", "message")
_CONDITIONS = ("Ready", "PodScheduled", "DisruptionTarget")
_CONDITION = ("type", "status", "reason", "message", "lastTransitionTime")
_CONTAINER = ("name", "ready", "started", "restartCount", "state", "lastState")


def template_digest(template: Object) -> str:
    """Digest a pod template: that of a ReplicaSet is like its Deployment's, but for a label that it is told apart by."""
    metadata = template.get("metadata", {})
    labels = {
        name: value for name, value in (metadata.get("labels") or {}).items() if name != ADDED_TO_REPLICA_SETS
    }
    return digest_of(template | {"metadata": {**metadata, "labels": labels}})


def _pod(pod: Object) -> Object:
    status = pod.get("status", {})
    conditions = [
        _only(one, _CONDITION) for one in status.get("conditions") or () if one["type"] in _CONDITIONS
    ]
    containers = {
        kind: [_only(one, _CONTAINER) for one in status[kind]]
        for kind in ("initContainerStatuses", "containerStatuses")
        if status.get(kind)
    }
    trimmed: Object = _sharing(
        {
            "metadata": _only(pod["metadata"], _METADATA),
            "spec": _only(pod.get("spec", {}), ("nodeName",)),
            "status": _only(status, _POD_STATUS) | {"conditions": conditions} | containers,
        }
    )
    return trimmed


def _replica_set(replica_set: Object) -> Object:
    return {
        "metadata": _only(replica_set["metadata"], _METADATA),
        "spec": _only(replica_set["spec"], ("replicas",))
        | {TEMPLATE: template_digest(replica_set["spec"]["template"])},
        "status": replica_set.get("status", {}),
    }


def _only(mapping: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: mapping[name] for name in names if name in mapping}


def _sharing(value: Any) -> Any:
    """Rebuild a value so that all objects have the names of their fields in common."""
    if isinstance(value, dict):
        return {sys.intern(name): _sharing(item) for name, item in value.items()}
    return [_sharing(item) for item in value] if isinstance(value, list) else value


TRIMS: Final[Mapping[Resource, Callable[[Object], Object]]] = {PODS: _pod, REPLICA_SETS: _replica_set}
