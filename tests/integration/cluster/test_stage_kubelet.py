"""The stage itself: the fake kubelet says what keeps a pod from running, and lives through an API server that is away."""

import pytest

from tests.support.cluster.api import Api, Object
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.pods import Trouble
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import deployment_path, make_deployment, pod_path, scale
from tests.support.waiting import eventually


async def only_pod(api: Api, namespace: str) -> Object:
    (pod,) = await api.items(pod_path(namespace))
    return pod


async def scheduling(api: Api, namespace: str) -> Object:
    conditions = (await only_pod(api, namespace))["status"].get("conditions") or []
    return next((one for one in conditions if one["type"] == "PodScheduled"), {})


async def waiting(api: Api, namespace: str) -> Object:
    containers = (await only_pod(api, namespace))["status"].get("containerStatuses") or [{}]
    reason: Object = containers[0].get("state", {}).get("waiting") or {}
    return reason


async def pod_is_there(api: Api, namespace: str) -> bool:
    return bool(await api.items(pod_path(namespace)))


async def test_a_pod_that_fits_nowhere_says_so_until_it_does(
    api: Api, namespace: str, kubelet: Kubelet, pods: SimulatedPods
) -> None:
    kubelet.trouble = lambda _: Trouble("Unschedulable", "0/1 nodes are available")
    await api.create(deployment_path(namespace), make_deployment("web", 1))
    await eventually(lambda: pod_is_there(api, namespace), what="the pod")

    condition = await eventually(lambda: scheduling(api, namespace), what="the condition")
    assert (condition["status"], condition["reason"]) == ("False", "Unschedulable")
    assert pods.all == []

    kubelet.trouble = lambda _: None
    kubelet.look_again()
    await pods.ready(1)
    assert (await scheduling(api, namespace))["status"] == "True"


@pytest.mark.parametrize("reason", ["ImagePullBackOff", "CreateContainerConfigError"])
async def test_a_container_that_cannot_start_waits_with_a_reason_until_it_can(
    api: Api, namespace: str, kubelet: Kubelet, pods: SimulatedPods, reason: str
) -> None:
    kubelet.trouble = lambda _: Trouble(reason, "as the kubelet says")
    await api.create(deployment_path(namespace), make_deployment("web", 1))
    await eventually(lambda: pod_is_there(api, namespace), what="the pod")

    said = await eventually(lambda: waiting(api, namespace), what="the reason")
    assert said == {"reason": reason, "message": "as the kubelet says"}
    assert (await only_pod(api, namespace))["status"]["phase"] == "Pending"

    kubelet.trouble = lambda _: None
    kubelet.look_again()
    await pods.ready(1)


async def test_pods_that_start_slowly_are_running_and_not_ready(
    api: Api, namespace: str, kubelet: Kubelet, pods: SimulatedPods
) -> None:
    pods.starting_lasts = True
    await api.create(deployment_path(namespace), make_deployment("web", 1))
    await eventually(lambda: pods.all, what="the pod being started")
    await eventually(lambda: is_running(api, namespace), what="the pod being Running")

    pods.let_start()

    await eventually(lambda: available(api, namespace, 1), what="one available pod")


async def is_running(api: Api, namespace: str) -> bool:
    return bool((await only_pod(api, namespace))["status"]["phase"] == "Running")


async def available(api: Api, namespace: str, count: int) -> bool:
    status = (await api.get(deployment_path(namespace, "web"))).get("status", {})
    return bool(status.get("availableReplicas", 0) == count)


async def test_everything_goes_on_after_the_api_server_was_killed(
    api: Api, namespace: str, kubelet: Kubelet, pods: SimulatedPods, control_plane: ControlPlane
) -> None:
    await api.create(deployment_path(namespace), make_deployment("web", 2))
    await pods.ready(2)

    control_plane.api_server.kill()
    assert not control_plane.ready()
    control_plane.api_server.start()
    await eventually(control_plane.ready, within_seconds=30, what="the API server being back")

    await scale(api, namespace, "web", 1)
    await pods.ready(1, within_seconds=40)
