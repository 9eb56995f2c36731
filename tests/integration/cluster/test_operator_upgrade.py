"""Another operator with another image for the pods: it rolls them out by itself, and no chat ends because of it."""

from pathlib import Path

from tests.support.cluster.api import Api
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.operators import running_operator
from tests.support.cluster.pools import create_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import deployment_path
from tests.support.waiting import eventually


async def test_an_operator_with_another_image_rolls_it_out_and_cuts_no_chat(
    api: Api, kubelet: Kubelet, pods: SimulatedPods, control_plane: ControlPlane, tmp_path: Path
) -> None:
    namespace = kubelet.namespace
    async with running_operator(control_plane, tmp_path, namespace, "--image=pod:1"):
        await create_pool(api, namespace, autoscaling={"mode": "Off"}, replicas=2)
        old = {pod.name for pod in await pods.ready(2)}
        await reason_of(api, namespace, "Progressing", "AsWanted")
    chat = pods.begin_chat(min(old))

    async with running_operator(control_plane, tmp_path, namespace, "--image=pod:2"):
        await eventually(
            lambda: {pod.name for pod in pods.all} & old == {chat.pod}, what="the idle old pod having gone"
        )
        pods.end_chat(chat)
        await eventually(lambda: not {pod.name for pod in pods.all} & old, what="the old pods having gone")

        async def images() -> list[str]:
            deployments = await api.items(deployment_path(namespace))
            return [one["spec"]["template"]["spec"]["containers"][0]["image"] for one in deployments]

        async def only_the_new_one() -> bool:
            return await images() == ["pod:2"]

        await eventually(only_the_new_one, what="only the new revision being left")
    assert pods.ledger.killed_busy == []
    assert pods.ledger.cut == []
