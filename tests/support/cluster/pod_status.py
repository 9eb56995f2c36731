"""The status of a pod as a kubelet writes it; pure."""

from datetime import datetime
from typing import Any

from tests.support.cluster.pods import Ended, Object, PodState, RunningPod, Trouble

HOST_IP = "10.243.0.1"
"""The node's own address, outside the pods' network."""


def unschedulable_status(trouble: Trouble, now: datetime) -> Object:
    """Make the status of a pod that fits on no node."""
    condition = _condition("PodScheduled", False, now) | {
        "reason": trouble.reason,
        "message": trouble.message,
    }
    return {"status": {"conditions": [condition]}}


def waiting_status(pod: RunningPod, trouble: Trouble, now: datetime) -> Object:
    """Make the status of a pod whose container cannot be started."""
    state = PodState(started=False, waiting_reason=trouble.reason, waiting_message=trouble.message)
    return {"status": running_status(pod, state, now)["status"] | {"phase": "Pending"}}


def running_status(pod: RunningPod, state: PodState, now: datetime) -> Object:
    """Make the status of a pod that has been started."""
    ready = state.ready and not state.waiting_reason
    return {
        "status": {
            "phase": "Running",
            "hostIP": HOST_IP,
            "podIP": pod.ip,
            "podIPs": [{"ip": pod.ip}],
            "conditions": [
                _condition("PodScheduled", True, now),
                _condition("Initialized", True, now),
                _condition("ContainersReady", ready, now),
                _condition("Ready", ready, now),
            ],
            "containerStatuses": [
                _container_status(container, state, now) for container in pod.object["spec"]["containers"]
            ],
        }
    }


def _container_status(container: Object, state: PodState, now: datetime) -> Object:
    waiting = {"reason": state.waiting_reason, "message": state.waiting_message}
    running = {"startedAt": _timestamp(now)}
    ended = state.last_end
    return {
        "name": container["name"],
        "image": container.get("image", ""),
        "imageID": "",
        "ready": state.ready and not state.waiting_reason,
        "started": state.started,
        "restartCount": state.restarts,
        "lastState": {} if ended is None else {"terminated": _ended(ended)},
        "state": {"waiting": waiting, "running": None}
        if state.waiting_reason
        else {"running": running, "waiting": None},
    }


def _ended(ended: Ended) -> Object:
    return {
        "exitCode": ended.exit_code,
        "reason": ended.reason,
        "message": ended.message,
        "containerID": f"simulated://{ended.number}",
    }


def _condition(kind: str, holds: bool, now: datetime) -> dict[str, Any]:
    return {
        "type": kind,
        "status": "True" if holds else "False",
        "lastTransitionTime": _timestamp(now),
        "reason": None,
        "message": None,
    }


def _timestamp(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")
