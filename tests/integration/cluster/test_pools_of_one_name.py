"""Two pools of one name: in two namespaces at once, or in one namespace one after the other."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bridge_runtime.tokens import pool_token
from tests.support.cluster.api import Api
from tests.support.cluster.chat_ledger import Outcome
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.crd import pools_path
from tests.support.cluster.kubelet import Kubelet, running_kubelet
from tests.support.cluster.namespaces import own_namespace
from tests.support.cluster.operators import MASTER_TOKEN, OperatorProcess, running_operator
from tests.support.cluster.pools import create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import deployment_path
from tests.support.waiting import eventually


@pytest.fixture
async def other_namespace(
    api: Api, namespace: str, pods: SimulatedPods, addresses: Iterator[str]
) -> AsyncIterator[str]:
    async with (
        own_namespace(api, f"{namespace}-other") as other,
        running_kubelet(api, other, pods, addresses),
    ):
        yield other


@pytest.fixture
async def operator_of_both(
    control_plane: ControlPlane, kubelet: Kubelet, other_namespace: str, tmp_path: Path
) -> AsyncIterator[OperatorProcess]:
    both = f'--namespaces=["{kubelet.namespace}","{other_namespace}"]'
    async with running_operator(control_plane, tmp_path, kubelet.namespace, both) as operator:
        yield operator


async def test_pools_of_one_name_in_two_namespaces_have_nothing_to_do_with_each_other(
    api: Api, namespace: str, other_namespace: str, operator_of_both: OperatorProcess, pods: SimulatedPods
) -> None:
    for where, count in ((namespace, 1), (other_namespace, 2)):
        pool = await create_pool(api, where, autoscaling={"mode": "Off"}, replicas=count)
        pods.tokens[f"{where}/demo"] = pool_token(MASTER_TOKEN, pool["metadata"]["uid"])
    await pods.ready(3)
    for where in (namespace, other_namespace):
        await reason_of(api, where, "Progressing", "AsWanted")
    chat = pods.begin_chat(pods.of_pool(f"{namespace}/demo")[0].name)

    await edit_pool(api, other_namespace, replicas=1)
    await eventually(lambda: len(pods.of_pool(f"{other_namespace}/demo")) == 1, what="the other pool's pod")
    await api.delete(pools_path(other_namespace, "demo"))
    await eventually(lambda: not pods.of_pool(f"{other_namespace}/demo"), what="the other pool's end")

    assert [pod.name for pod in pods.all] == [chat.pod]
    await reason_of(api, namespace, "Progressing", "AsWanted")
    pods.end_chat(chat)
    assert pods.ledger.killed_busy == []


async def test_a_busy_pool_that_is_deleted_ends_its_chats_first(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace, autoscaling={"minInstances": 2})
    busy = (await pods.ready(2))[0]
    chat = pods.begin_chat(busy.name)

    await api.delete(pools_path(namespace, "demo"))

    await eventually(lambda: [pod.name for pod in pods.all] == [busy.name], what="the idle pod's end")
    pods.end_chat(chat)
    await eventually(lambda: not pods.all, what="the busy pod's end")
    assert chat.entry.outcome is Outcome.ENDED


async def test_a_pool_made_again_at_once_has_its_own_objects_while_the_old_pods_end_their_chats(
    api: Api, namespace: str, operator: OperatorProcess, pods: SimulatedPods
) -> None:
    await create_pool(api, namespace)
    (old,) = await pods.ready(1)
    chat = pods.begin_chat(old.name)
    before = (await api.items(deployment_path(namespace)))[0]["metadata"]

    await api.delete(pools_path(namespace, "demo"))
    again = await create_pool(api, namespace, autoscaling={"minInstances": 2})

    await eventually(lambda: len(pods.all) == 3, what="the new pods beside the old one")
    await reason_of(api, namespace, "Progressing", "AsWanted")

    async def only_new_objects() -> bool:
        deployments = [one["metadata"] for one in await api.items(deployment_path(namespace))]
        owners = {one["ownerReferences"][0]["uid"] for one in deployments}
        return owners == {again["metadata"]["uid"]} and before["name"] not in {
            one["name"] for one in deployments
        }

    await eventually(only_new_objects, what="only the new pool's objects being there")
    assert old.name in {pod.name for pod in pods.all}
    await reason_of(api, namespace, "Draining", "NothingDrains")  # it is not the new pool's
    pods.end_chat(chat)
    await pods.ready(2)
    assert chat.entry.outcome is Outcome.ENDED
