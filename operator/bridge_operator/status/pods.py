"""What is wrong with pods, as Kubernetes says it: read from raw objects, in words of ours."""

import re
from collections.abc import Iterator
from typing import Any

from bridge_operator.status.reasons import Trouble

Object = dict[str, Any]

_IMAGE = frozenset(
    {
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    }
)
_NOT_MADE = frozenset(
    {"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError"}
)


def pod_troubles(pod: Object) -> list[Trouble]:
    """List what keeps a pod from running; one that is on its way out has none."""
    if "deletionTimestamp" in pod["metadata"]:
        return []
    name, status = pod["metadata"]["name"], pod.get("status", {})
    found = [*_scheduling(status), *_containers(status)]
    return [trouble._replace(where=name) for trouble in found]


def replica_set_troubles(replica_set: Object) -> list[Trouble]:
    """List what keeps a ReplicaSet from making its pods."""
    found = []
    for condition in replica_set.get("status", {}).get("conditions", []):
        if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
            message = condition.get("message", "")
            reason = "QuotaExceeded" if "exceeded quota" in message else "PodsRefused"
            found.append(Trouble(reason, message, replica_set["metadata"]["name"]))
    return found


def _scheduling(status: Object) -> Iterator[Trouble]:
    for condition in status.get("conditions", []):
        if (condition["type"], condition["status"], condition.get("reason")) == (
            "PodScheduled",
            "False",
            "Unschedulable",
        ):
            yield Trouble("Unschedulable", condition.get("message", ""))


def _containers(status: Object) -> Iterator[Trouble]:
    for container in [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]:
        waiting = container.get("state", {}).get("waiting")
        if waiting is not None and (trouble := _waiting(waiting, container)) is not None:
            yield trouble


def _waiting(waiting: Object, container: Object) -> Trouble | None:
    reason, message = waiting.get("reason", ""), waiting.get("message", "")
    if reason in _IMAGE:
        return Trouble("ImagePullFailed", f"{reason}: {message or container.get('image', '')}")
    if reason in _NOT_MADE:
        return Trouble(_why_not_made(message), message or reason)
    if reason == "CrashLoopBackOff":
        return _crash(container.get("lastState", {}).get("terminated", {}))
    return None


def _why_not_made(message: str) -> str:
    if "seccomp" in message:
        return "SandboxUnavailable"
    return "SecretMissing" if re.search(r"secret \S+ not found", message) else "ConfigError"


def _crash(last: Object) -> Trouble:
    if last.get("reason") == "OOMKilled":
        return Trouble("OutOfMemory", "killed because it used more memory than its limit")
    if "seccomp" in last.get("message", ""):
        return Trouble("SandboxUnavailable", last["message"])
    code = last.get("exitCode", "unknown")
    words = last.get("message", "").strip().rpartition("\n")[2]
    return Trouble("CrashLooping", f"ended with exit code {code}{f': {words}' if words else ''}")
