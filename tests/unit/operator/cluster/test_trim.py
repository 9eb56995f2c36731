"""What is kept of a pod: everything that somebody here reads, and little else."""

import json
from typing import Any

from bridge_operator.cluster.trim import TRIMS
from bridge_operator.status.pods import pod_troubles
from bridge_runtime.kube.resource import PODS

WAITING = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}


def make_pod(**status: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "pod",
            "namespace": "team",
            "uid": "u",
            "resourceVersion": "7",
            "labels": {"app": "x"},
            "managedFields": [{"manager": "somebody"}],
        },
        "spec": {"nodeName": "node", "containers": [{"name": "main", "env": [{"name": "A", "value": "b"}]}]},
        "status": {"phase": "Pending", "hostIP": "10.0.0.1", **status},
    }


def test_what_nobody_reads_is_dropped():
    kept = TRIMS[PODS](make_pod(conditions=[{"type": "Initialized", "status": "True"}]))
    assert kept == {
        "metadata": {
            "name": "pod",
            "namespace": "team",
            "uid": "u",
            "resourceVersion": "7",
            "labels": {"app": "x"},
        },
        "spec": {"nodeName": "node"},
        "status": {"phase": "Pending", "conditions": []},
    }


def test_the_trouble_of_a_pod_stays_to_be_read():
    unschedulable = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "full"}
    for status in (
        {"conditions": [unschedulable]},
        {"containerStatuses": [{"name": "main", "image": "i", "restartCount": 1, "state": WAITING}]},
        {"initContainerStatuses": [{"name": "first", "image": "i", "restartCount": 0, "state": WAITING}]},
    ):
        pod = make_pod(**status)
        assert pod_troubles(pod)
        assert pod_troubles(TRIMS[PODS](pod)) == pod_troubles(pod)


def test_the_names_of_fields_are_the_same_strings_in_all_pods():
    text = json.dumps(make_pod(podIP="10.0.0.1"))
    one, other = (TRIMS[PODS](json.loads(text)) for _ in range(2))
    assert all(a is b for a, b in zip(one["metadata"]["labels"], other["metadata"]["labels"], strict=True))
