"""What our design takes for granted of Deployments, on a real API server: paused ones scale and never roll, and who goes first."""

import pytest

from bridge_api.wire.instance import SlotState
from tests.support.cluster.api import Api
from tests.support.cluster.kubectl import Kubectl
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import (
    COST,
    annotate,
    deployment_path,
    make_deployment,
    pods_by_readiness,
    scale,
)
from tests.support.waiting import eventually


@pytest.fixture
async def paused(api: Api, namespace: str, kubelet: Kubelet, pods: SimulatedPods) -> str:
    """A Deployment with three Ready pods that is paused since its ReplicaSet is there."""
    await api.create(deployment_path(namespace), make_deployment("web", 3))
    await all_ready(api, namespace, 3)
    await api.patch(deployment_path(namespace, "web"), {"spec": {"paused": True}})
    return "web"


async def all_ready(api: Api, namespace: str, count: int) -> dict[str, bool]:
    async def settled() -> dict[str, bool]:
        found = await pods_by_readiness(api, namespace)
        return found if len(found) == count and all(found.values()) else {}

    return await eventually(settled, what=f"{count} Ready pods")


async def test_a_paused_deployment_scales_up_and_down_and_honours_the_deletion_cost(
    api: Api, namespace: str, paused: str
) -> None:
    await scale(api, namespace, paused, 4)
    names = sorted(await all_ready(api, namespace, 4))

    await annotate(api, namespace, names[1], COST, "-1000")
    await scale(api, namespace, paused, 3)

    assert sorted(await all_ready(api, namespace, 3)) == [names[0], *names[2:]]


async def test_a_paused_deployment_does_not_roll_on_a_new_template(
    api: Api, namespace: str, paused: str
) -> None:
    before = await pods_by_readiness(api, namespace)

    changed = make_deployment(paused, 3, image="image:2", paused=True)
    await api.replace(deployment_path(namespace, paused), changed)
    await seen_by_the_controller(api, namespace, paused)
    await scale(api, namespace, paused, 4)

    after = await all_ready(api, namespace, 4)
    assert before.keys() < after.keys()
    assert {await image_of(api, namespace, name) for name in after} == {"image:1"}


async def seen_by_the_controller(api: Api, namespace: str, name: str) -> None:
    async def observed() -> bool:
        found = await api.get(deployment_path(namespace, name))
        return bool(found["status"]["observedGeneration"] == found["metadata"]["generation"])

    await eventually(observed, what="the controller having seen the Deployment")


async def image_of(api: Api, namespace: str, pod: str) -> str:
    found = await api.get(f"/api/v1/namespaces/{namespace}/pods/{pod}")
    return str(found["spec"]["containers"][0]["image"])


async def test_a_rollout_restart_of_a_paused_deployment_is_refused(kubectl: Kubectl, paused: str) -> None:
    said = await kubectl("rollout", "restart", f"deployment/{paused}")

    assert said.code != 0
    assert "paused" in said.text


async def test_a_pod_that_is_not_ready_goes_before_a_ready_one_whatever_its_cost(
    api: Api, namespace: str, paused: str, pods: SimulatedPods
) -> None:
    names = sorted(await pods_by_readiness(api, namespace))
    await annotate(api, namespace, names[0], COST, "-1000")
    await annotate(api, namespace, names[2], COST, "1000")

    pods.set_slots(names[2], SlotState.BROKEN)
    await eventually(lambda: not_ready(api, namespace, names[2]), what="the pod being NotReady")
    await scale(api, namespace, paused, 2)

    assert sorted(await all_ready(api, namespace, 2)) == names[:2]


async def not_ready(api: Api, namespace: str, name: str) -> bool:
    return not (await pods_by_readiness(api, namespace))[name]
