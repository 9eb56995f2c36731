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
_BACK_OFF = re.compile(r'^Back-off pulling image "[^"]*": \w+: ')
"""Before the same words as at the try before."""

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
        trouble = _waiting(waiting, container) if waiting is not None else None
        if trouble is None and _tries_again(container):
            trouble = _crash(container["lastState"]["terminated"])
        if trouble is not None:
            yield trouble


def _tries_again(container: Object) -> bool:
    """Tell whether it has crashed, and has not come as far as to have started since: no recovery at each try."""
    has_crashed = container.get("restartCount", 0) > 0 and container.get("lastState", {}).get("terminated")
    return bool(has_crashed) and not container.get("ready") and not container.get("started")


def _waiting(waiting: Object, container: Object) -> Trouble | None:
    reason, message = waiting.get("reason", ""), waiting.get("message", "")
    if reason in _IMAGE:
        return Trouble("ImagePullFailed", _BACK_OFF.sub("", message) or container.get("image") or reason)
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
