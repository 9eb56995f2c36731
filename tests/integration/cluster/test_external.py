"""Who else may say how many: `kubectl scale` and what scales like it, a person, or for a while nobody."""

import json
from pathlib import Path

import pytest

from bridge_api.names import BUSY_LABEL
from bridge_api.wire.instance import SlotState
from tests.support.cluster.api import Api, Object, path_of
from tests.support.cluster.crd import pools_path
from tests.support.cluster.kubectl import Kubectl
from tests.support.cluster.operators import OperatorProcess
from tests.support.cluster.pools import QUICK, condition, create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.simulated_router import SimulatedRouter
from tests.support.cluster.workloads import deployment_path, pod_path
from tests.support.waiting import eventually

HPA = Path(__file__).parents[3] / "examples" / "kubernetes" / "hpa.yaml"
EXTERNAL = {"mode": "External"}


async def scale(kubectl: Kubectl, replicas: int) -> None:
    await kubectl.succeeds("scale", "bip/demo", f"--replicas={replicas}")


async def scale_of(kubectl: Kubectl, namespace: str) -> Object:
    said = await kubectl.succeeds("get", "--raw", pools_path(namespace, "demo") + "/scale")
    scale: Object = json.loads(said)
    return scale


async def test_kubectl_scale_moves_an_external_pool_and_cuts_no_chat(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods, kubectl: Kubectl
) -> None:
    await create_pool(api, namespace, autoscaling=EXTERNAL)
    await pods.ready(1)
    await scale(kubectl, 3)
    chats = [pods.begin_chat(pod.name) for pod in await pods.ready(3)]

    await scale(kubectl, 1)
    await reason_of(api, namespace, "Draining", "InstancesDraining")
    await reason_of(api, namespace, "Progressing", "ScalingDown")
    assert len(pods.all) == 3
    leaving = [pod for pod in pods.all if pod.status().cordons]
    assert len(leaving) == 2
    for chat in chats:
        if chat.pod in {pod.name for pod in leaving}:
            pods.end_chat(chat)
    (last,) = await pods.ready(1)
    assert last.chats

    await scale(kubectl, 0)
    await reason_of(api, namespace, "Ready", "ScaledToZero")
    assert pods.all == [last]
    pods.end_chat(next(iter(last.chats.values())))
    await eventually(lambda: not pods.all, what="the last pod having gone")
    assert pods.ledger.killed_busy == []
    assert pods.ledger.cut == []


async def test_nobody_goes_while_one_that_waits_for_a_person_would_go_instead(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace, autoscaling=EXTERNAL, replicas=2)
    both = await pods.ready(2)
    waiting, idle = (pod.name for pod in both)
    pods.set_slots(waiting, SlotState.NEEDS_HUMAN, "Challenge", "a person must pass it")
    await eventually(lambda: not pods[waiting].ready_since, what="the kubelet knowing it")
    await reason_of(api, namespace, "NeedsHuman", "Challenge")

    await edit_pool(api, namespace, replicas=1)

    assert waiting in (await reason_of(api, namespace, "ScalingLimited", "HeldByUnreadyInstance"))["message"]
    await eventually(lambda: not pods[idle].status().cordons, what="the idle one taking chats")
    assert pods.all == both

    pods.set_slots(waiting, SlotState.READY)
    await pods.ready(1)
    await reason_of(api, namespace, "ScalingLimited", "WithinLimits")


async def test_a_pod_that_was_to_go_is_taken_back_when_more_are_wanted_again(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods, kubectl: Kubectl
) -> None:
    await create_pool(api, namespace, autoscaling=EXTERNAL, replicas=2)
    both = await pods.ready(2)
    chats = [pods.begin_chat(pod.name) for pod in both]
    await scale(kubectl, 1)
    await eventually(lambda: any(pod.status().cordons for pod in both), what="one pod being cordoned")

    await scale(kubectl, 2)
    await eventually(lambda: not any(pod.status().cordons for pod in both), what="it being taken back")
    for chat in chats:
        pods.end_chat(chat)
    assert pods.all == both


async def test_the_scale_subresource_says_how_many_and_selects_exactly_the_pools_pods(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods, kubectl: Kubectl
) -> None:
    for name in ("demo", "other"):
        await create_pool(api, namespace, name, autoscaling=EXTERNAL, replicas=2)
    await pods.ready(4)

    async def settled() -> Object:
        scale = await scale_of(kubectl, namespace)
        return scale if scale["status"]["replicas"] == 2 else {}

    found = await eventually(settled, what="two replicas")
    assert found["spec"]["replicas"] == 2
    selected = await api.items(pod_path(namespace), labelSelector=found["status"]["selector"])
    assert {pod["metadata"]["name"] for pod in selected} == {
        pod.name for pod in pods.of_pool(f"{namespace}/demo")
    }


@pytest.mark.usefixtures("operator")
async def test_a_pool_that_others_scale_can_be_read_by_them_before_anybody_has_said_how_many(
    api: Api, namespace: str, pods: SimulatedPods, kubectl: Kubectl
) -> None:
    await create_pool(api, namespace, autoscaling={**EXTERNAL, "minInstances": 2})
    await pods.ready(2)
    assert (await scale_of(kubectl, namespace))["spec"]["replicas"] == 2

    await scale(kubectl, 1)
    await pods.ready(1)
    assert (await api.get(pools_path(namespace, "demo")))["spec"]["replicas"] == 1


@pytest.mark.usefixtures("operator", "router")
async def test_the_autoscaler_ignores_replicas_and_says_so(
    api: Api, namespace: str, pods: SimulatedPods, kubectl: Kubectl
) -> None:
    await create_pool(api, namespace, autoscaling={"minInstances": 1, **QUICK})
    await pods.ready(1)
    await reason_of(api, namespace, "ScalingActive", "Load")
    await scale(kubectl, 3)

    async def ignored() -> bool:
        return "spec.replicas is ignored" in (await condition(api, namespace, "ScalingActive"))["message"]

    await eventually(ignored, what="the condition saying that replicas is ignored")
    (deployment,) = await api.items(deployment_path(namespace))
    assert deployment["spec"]["replicas"] == 1


async def test_without_replicas_a_pool_that_is_not_scaled_has_its_least(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods, router: SimulatedRouter
) -> None:
    await create_pool(api, namespace, autoscaling={"mode": "Off", "minInstances": 2})
    router.pending[f"{namespace}/demo"] = 20
    await pods.ready(2)
    off = await reason_of(api, namespace, "ScalingActive", "Off")
    assert "minInstances holds (2)" in off["message"]

    await edit_pool(api, namespace, replicas=3)
    await pods.ready(3)
    assert "spec.replicas holds (3)" in (await condition(api, namespace, "ScalingActive"))["message"]


async def test_a_paused_pool_is_left_alone_but_its_chats_are_still_protected(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace, autoscaling=EXTERNAL, replicas=2)
    first = await pods.ready(2)
    await reason_of(api, namespace, "Ready", "InstancesReady")
    await edit_pool(api, namespace, paused=True)
    await reason_of(api, namespace, "Progressing", "Paused")

    await edit_pool(api, namespace, replicas=0, image="another:2")
    pods.begin_chat(first[0].name)
    services = path_of("v1", "services", namespace)
    (service,) = await api.items(services)
    await api.delete(f"{services}/{service['metadata']['name']}")
    await seen_again(api, namespace)

    async def labelled() -> list[Object]:
        return await api.items(pod_path(namespace), labelSelector=f"{BUSY_LABEL}=true")

    await eventually(labelled, what="the busy label")
    assert pods.all == first
    assert await api.items(services) == []

    await edit_pool(api, namespace, replicas=2, image=None, paused=False)

    async def back() -> bool:
        return len(await api.items(services)) == 1

    await eventually(back, what="the Service being back")
    assert pods.all == first


async def seen_again(api: Api, namespace: str) -> None:
    """Wait until the operator has looked at the pool as it is written now."""
    generation = (await api.get(pools_path(namespace, "demo")))["metadata"]["generation"]

    async def seen() -> bool:
        paused = await condition(api, namespace, "Progressing")
        return bool(paused["observedGeneration"] == generation)

    await eventually(seen, what="the operator having seen the edit")


async def test_an_autoscaler_of_kubernetes_may_target_a_pool(
    api: Api, namespace: str, kubectl: Kubectl
) -> None:
    await create_pool(api, namespace, autoscaling=EXTERNAL)
    said = await kubectl.succeeds("apply", "--dry-run=server", "-f", str(HPA))
    assert "horizontalpodautoscaler.autoscaling/demo created (server dry run)" in said
