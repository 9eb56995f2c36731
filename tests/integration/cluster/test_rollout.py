"""Rollouts on a real API server: another Deployment beside the old one, and no chat ends because of it."""

from tests.support.cluster.api import Api, path_of
from tests.support.cluster.operators import OperatorProcess
from tests.support.cluster.pools import create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import deployment_path
from tests.support.waiting import eventually


async def test_a_new_revision_replaces_pods_one_by_one_and_waits_for_their_chats(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace, autoscaling={"mode": "Off"}, replicas=2)
    old = await pods.ready(2)
    await reason_of(api, namespace, "Ready", "InstancesReady")
    chats = [pods.begin_chat(pod.name) for pod in old]

    await edit_pool(api, namespace, image="another:2")
    await eventually(
        lambda: sum(pod.name not in {one.name for one in old} for pod in pods.all) == 1,
        what="one new pod beside the old ones",
    )
    await reason_of(api, namespace, "Progressing", "RollingOut")
    pods.end_chat(chats[0])
    await eventually(
        lambda: chats[0].pod not in {pod.name for pod in pods.all}, what="the idle old pod having gone"
    )
    assert chats[1].pod in {pod.name for pod in pods.all}
    pods.end_chat(chats[1])

    async def one_deployment() -> bool:
        return len(await api.items(deployment_path(namespace))) == 1

    await eventually(one_deployment, what="the old revision having gone")
    await pods.ready(2)
    await reason_of(api, namespace, "Progressing", "AsWanted")
    assert pods.ledger.killed_busy == []
    assert pods.ledger.cut == []


async def test_a_revision_that_does_not_start_is_taken_back(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(
        api, namespace, autoscaling={"mode": "Off"}, replicas=2, rollout={"progressDeadlineSeconds": 2}
    )
    old = {pod.name for pod in await pods.ready(2)}
    await reason_of(api, namespace, "Progressing", "AsWanted")
    pods.starting_lasts = True
    await edit_pool(api, namespace, image="broken:3")
    await reason_of(api, namespace, "Progressing", "ProgressDeadlineExceeded")
    await eventually(lambda: {pod.name for pod in pods.all} == old, what="only the old pods being there")
    await reason_of(api, namespace, "Ready", "InstancesReady")

    pods.starting_lasts = False
    await edit_pool(api, namespace, image="mended:4")
    await eventually(lambda: not old & {pod.name for pod in pods.all}, what="the mended revision being there")
    await reason_of(api, namespace, "Progressing", "AsWanted")


async def test_a_revision_whose_pods_cannot_be_made_is_taken_back(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(
        api, namespace, autoscaling={"mode": "Off"}, replicas=1, rollout={"progressDeadlineSeconds": 2}
    )
    old = await pods.ready(1)
    await reason_of(api, namespace, "Progressing", "AsWanted")
    quotas, full = path_of("v1", "resourcequotas", namespace), {"pods": "1"}
    await api.create(quotas, {"metadata": {"name": "full"}, "spec": {"hard": full}})
    await api.patch(f"{quotas}/full/status", {"status": {"hard": full, "used": full}})

    await edit_pool(api, namespace, image="new:2")

    await reason_of(api, namespace, "Progressing", "ProgressDeadlineExceeded")
    assert pods.all == old


async def test_the_revision_that_is_gone_back_to_stays_as_it_was_made(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(
        api, namespace, autoscaling={"mode": "Off"}, replicas=1, rollout={"progressDeadlineSeconds": 2}
    )
    (old,) = {pod.name for pod in await pods.ready(1)}
    await reason_of(api, namespace, "Progressing", "AsWanted")

    async def is_paused() -> bool:
        return bool((await api.items(deployment_path(namespace)))[0]["spec"].get("paused"))

    await eventually(is_paused, what="the Deployment being settled")
    (before,) = await api.items(deployment_path(namespace))
    pods.starting_lasts = True
    await edit_pool(api, namespace, image="broken:3", drain={"timeoutSeconds": 7000})
    await reason_of(api, namespace, "Progressing", "ProgressDeadlineExceeded")
    await eventually(lambda: {pod.name for pod in pods.all} == {old}, what="only the old pod being there")
    await edit_pool(api, namespace, replicas=2)  # one look more that goes back
    pods.starting_lasts = False
    await pods.ready(2)

    after = await api.get(deployment_path(namespace, before["metadata"]["name"]))
    assert after["spec"]["template"] == before["spec"]["template"]
