"""What is wrong with a pod is read from what Kubernetes says of it."""

from typing import Any

import pytest

from bridge_operator.status.pods import pod_troubles, replica_set_troubles


def pod(**status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "demo-a-1"}, "status": status}


def waiting(reason: str, message: str = "", last: dict[str, Any] | None = None) -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    container: dict[str, Any] = {"name": "browser", "image": "example.org/pod:1", "state": state}
    return pod(containerStatuses=[container | ({"lastState": {"terminated": last}} if last else {})])


@pytest.mark.parametrize(
    ("made", "reason", "words"),
    [
        (waiting("ImagePullBackOff", "Back-off pulling image"), "ImagePullFailed", "Back-off"),
        (waiting("ErrImagePull", "not found"), "ImagePullFailed", "not found"),
        (waiting("InvalidImageName"), "ImagePullFailed", "example.org/pod:1"),
        (waiting("CreateContainerConfigError", 'secret "keys" not found'), "SecretMissing", "keys"),
        (
            waiting("CreateContainerConfigError", "couldn't find key a in Secret b/c"),
            "ConfigError",
            "find key",
        ),
        (
            waiting(
                "CreateContainerError",
                'cannot load seccomp profile "profiles/lmarena-bridge.json": no such file',
            ),
            "SandboxUnavailable",
            "no such file",
        ),
        (
            waiting(
                "CrashLoopBackOff",
                last={
                    "exitCode": 1,
                    "reason": "Error",
                    "message": "a log line\nCannotStart: pool.yaml is bad\n",
                },
            ),
            "CrashLooping",
            "ended with exit code 1: CannotStart: pool.yaml is bad",
        ),
        (
            waiting("CrashLoopBackOff", last={"exitCode": 137, "reason": "OOMKilled"}),
            "OutOfMemory",
            "more memory",
        ),
        (waiting("CrashLoopBackOff"), "CrashLooping", "exit code unknown"),
        (
            pod(
                conditions=[
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "reason": "Unschedulable",
                        "message": "0/3 nodes are available: 3 Insufficient memory.",
                    }
                ]
            ),
            "Unschedulable",
            "Insufficient memory",
        ),
    ],
)
def test_each_trouble_has_a_reason_of_ours_and_kubernetes_words(
    made: dict[str, Any], reason: str, words: str
) -> None:
    (trouble,) = pod_troubles(made)

    assert trouble.reason == reason
    assert words in trouble.message
    assert trouble.where == "demo-a-1"


def test_a_pull_that_fails_is_told_in_the_same_words_while_it_is_tried_and_in_between() -> None:
    tried = waiting("ErrImagePull", "not found")
    between = waiting("ImagePullBackOff", 'Back-off pulling image "pod:1": ErrImagePull: not found')
    assert pod_troubles(tried) == pod_troubles(between)


def test_a_pod_that_crashes_again_and_again_has_not_recovered_at_each_try() -> None:
    last = {"exitCode": 1, "reason": "Error"}
    between = waiting("CrashLoopBackOff", last=last)
    tried = waiting("CrashLoopBackOff", last=last)
    (container,) = tried["status"]["containerStatuses"]
    container |= {"state": {"running": {}}, "restartCount": 2, "ready": False, "started": False}
    assert pod_troubles(tried) == pod_troubles(between) != []

    container["started"] = True
    assert pod_troubles(tried) == [], "it has come through, and says itself how it is"


@pytest.mark.parametrize(
    "made",
    [
        pod(),
        waiting("ContainerCreating"),
        waiting("PodInitializing"),
        pod(containerStatuses=[{"name": "browser", "state": {"running": {}}}]),
        pod(conditions=[{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]),
        pod(conditions=[{"type": "PodScheduled", "status": "True"}]),
    ],
)
def test_a_pod_on_its_way_is_no_trouble(made: dict[str, Any]) -> None:
    assert pod_troubles(made) == []


def test_a_pod_that_goes_is_no_trouble() -> None:
    made = waiting("CrashLoopBackOff")
    made["metadata"]["deletionTimestamp"] = "2026-11-24T10:00:00Z"

    assert pod_troubles(made) == []


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ('pods "a" is forbidden: exceeded quota: small, requested: memory=1Gi', "QuotaExceeded"),
        ('pods "a" is forbidden: violates PodSecurity "restricted:latest"', "PodsRefused"),
    ],
)
def test_pods_that_cannot_be_made_are_told(message: str, reason: str) -> None:
    condition = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": message,
    }
    replica_set = {"metadata": {"name": "demo-a"}, "status": {"conditions": [condition]}}

    (trouble,) = replica_set_troubles(replica_set)

    assert (trouble.reason, trouble.message) == (reason, message)
    assert replica_set_troubles({"metadata": {"name": "demo-a"}}) == []
