"""The operator killed at every step of a scale-down and of a rollout: the next one goes on, and no chat notices."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge_api.names import BUSY_LABEL, DELETION_COST
from tests.support.cluster.api import Api, path_of
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.faults import FaultProxy, Matches
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.leases import give_lease_to
from tests.support.cluster.operators import OperatorProcess, start_operator
from tests.support.cluster.pools import create_pool, edit_pool, reason_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.steps import (
    APPLY_CONFIG_MAP,
    APPLY_DEPLOYMENT,
    CREATE_DEPLOYMENT,
    DELETE_CONFIG_MAP,
    DELETE_DEPLOYMENT,
    LOWER_SCALE,
    MARK_POD,
    SET_SCALE,
)
from tests.support.cluster.workloads import deployment_path, pod_path
from tests.support.waiting import eventually

Edit = Callable[[], Awaitable[object]]


@dataclass
class Succession:
    """Operators behind a proxy, one after the other."""

    proxy: FaultProxy
    start: Callable[[], Awaitable[OperatorProcess]]
    """Start one that leads."""

    api: Api
    namespace: str

    async def dies_at(
        self,
        operator: OperatorProcess,
        step: Matches,
        *,
        done: bool,
        edit: Edit,
        before_next: Edit | None = None,
    ) -> None:
        """Kill an operator in the middle of a step that an edit brings about, and start the next one."""
        held = self.proxy.hold(step, done=done)
        await edit()
        await eventually(held.is_there.is_set, within_seconds=30, what="the operator being at that step")
        await operator.part.kill()
        held.release()
        await give_lease_to(self.api, self.namespace, "")  # as if it had run out
        if before_next is not None:
            await before_next()
        await self.start()


@pytest.fixture
async def succession(
    control_plane: ControlPlane, api: Api, namespace: str, kubelet: Kubelet, tmp_path: Path
) -> AsyncIterator[Succession]:
    async with AsyncExitStack() as running:
        proxy = await running.enter_async_context(FaultProxy(control_plane).running())

        async def start() -> OperatorProcess:
            operator = await start_operator(control_plane, tmp_path, namespace, port=proxy.port)
            running.push_async_callback(operator.part.kill)
            await eventually(operator.leads, what="the operator leading")
            return operator

        yield Succession(proxy, start, api, namespace)


async def annotated(api: Api, namespace: str, key: str) -> list[str]:
    """Name the pods that stay and have an annotation or label."""
    pods = [pod["metadata"] for pod in await api.items(pod_path(namespace))]
    return [
        pod["name"]
        for pod in pods
        if "deletionTimestamp" not in pod and key in {**pod.get("annotations", {}), **pod["labels"]}
    ]


async def begin_chat_that_shows(
    api: Api, namespace: str, pods: SimulatedPods, name: str
) -> Callable[[], None]:
    """Begin a chat, wait until its pod is marked as busy, and return how to end it."""
    chat = pods.begin_chat(name)

    async def marked() -> bool:
        return await annotated(api, namespace, BUSY_LABEL) == [name]

    await eventually(marked, what="the mark of the busy pod")
    return lambda: pods.end_chat(chat)


async def nothing_is_marked(api: Api, namespace: str) -> None:
    async def clean() -> bool:
        return not await annotated(api, namespace, DELETION_COST)

    await eventually(clean, what="no pod having a deletion cost")


@pytest.mark.parametrize(
    ("step", "done"),
    [
        pytest.param(MARK_POD, False, id="after the cordon"),
        pytest.param(MARK_POD, True, id="after the deletion cost"),
        pytest.param(LOWER_SCALE, False, id="before /scale"),
        pytest.param(LOWER_SCALE, True, id="after /scale"),
    ],
)
async def test_a_scale_down_is_carried_on_by_the_next_operator(
    step: Matches, done: bool, succession: Succession, pods: SimulatedPods
) -> None:
    api, namespace = succession.api, succession.namespace
    operator = await succession.start()
    await create_pool(api, namespace, autoscaling={"mode": "Off"}, replicas=3)
    busy = (await pods.ready(3))[0].name
    end_chat = await begin_chat_that_shows(api, namespace, pods, busy)

    await succession.dies_at(operator, step, done=done, edit=lambda: edit_pool(api, namespace, replicas=1))

    assert [pod.name for pod in await pods.ready(1)] == [busy]
    await nothing_is_marked(api, namespace)
    end_chat()
    assert pods.ledger.killed_busy == []


@pytest.mark.parametrize(
    ("step", "done"),
    [
        pytest.param(MARK_POD, True, id="after the deletion cost"),
        pytest.param(LOWER_SCALE, False, id="before /scale"),
    ],
)
async def test_a_scale_down_that_is_no_longer_wanted_is_taken_back_by_the_next_operator(
    step: Matches, done: bool, succession: Succession, pods: SimulatedPods
) -> None:
    api, namespace = succession.api, succession.namespace
    operator = await succession.start()
    await create_pool(api, namespace, autoscaling={"mode": "Off"}, replicas=2)
    there = {pod.name for pod in await pods.ready(2)}

    await succession.dies_at(
        operator,
        step,
        done=done,
        edit=lambda: edit_pool(api, namespace, replicas=1),
        before_next=lambda: edit_pool(api, namespace, replicas=2),
    )

    await nothing_is_marked(api, namespace)
    await eventually(lambda: not any(pod.status().cordons for pod in pods.all), what="no pod being cordoned")
    assert {pod.name for pod in await pods.ready(2)} == there


@pytest.mark.parametrize(
    ("step", "done"),
    [
        pytest.param(APPLY_CONFIG_MAP, True, id="after the ConfigMap"),
        pytest.param(CREATE_DEPLOYMENT, True, id="after the Deployment"),
        pytest.param(APPLY_DEPLOYMENT, True, id="after it was paused"),
        pytest.param(SET_SCALE, True, id="after its /scale"),
        pytest.param(MARK_POD, True, id="after the deletion cost"),
        pytest.param(LOWER_SCALE, True, id="after the old /scale"),
    ],
)
async def test_a_rollout_is_carried_on_by_the_next_operator(
    step: Matches, done: bool, succession: Succession, pods: SimulatedPods
) -> None:
    api, namespace = succession.api, succession.namespace
    operator = await succession.start()
    await create_pool(api, namespace, autoscaling={"mode": "Off"}, replicas=2)
    old = [pod.name for pod in await pods.ready(2)]
    end_chat = await begin_chat_that_shows(api, namespace, pods, old[0])
    await reason_of(api, namespace, "Progressing", "AsWanted")

    await succession.dies_at(
        operator, step, done=done, edit=lambda: edit_pool(api, namespace, image="another:2")
    )

    await eventually(
        lambda: {pod.name for pod in pods.all} & set(old) == {old[0]}, what="the idle old pod having gone"
    )
    end_chat()
    await only_the_new_revision_is_left(api, namespace, pods, old)


@pytest.mark.parametrize(
    ("step", "done"),
    [
        pytest.param(DELETE_DEPLOYMENT, False, id="before the old Deployment goes"),
        pytest.param(DELETE_DEPLOYMENT, True, id="after the old Deployment"),
        pytest.param(DELETE_CONFIG_MAP, False, id="before its ConfigMap goes"),
    ],
)
async def test_what_is_left_of_an_old_revision_is_removed_by_the_next_operator(
    step: Matches, done: bool, succession: Succession, pods: SimulatedPods
) -> None:
    api, namespace = succession.api, succession.namespace
    operator = await succession.start()
    await create_pool(api, namespace, autoscaling={"mode": "Off"}, replicas=1)
    old = [pod.name for pod in await pods.ready(1)]
    await reason_of(api, namespace, "Progressing", "AsWanted")

    await succession.dies_at(
        operator, step, done=done, edit=lambda: edit_pool(api, namespace, image="another:2")
    )

    await only_the_new_revision_is_left(api, namespace, pods, old)


async def only_the_new_revision_is_left(
    api: Api, namespace: str, pods: SimulatedPods, old: list[str]
) -> None:
    config_maps = path_of("v1", "configmaps", namespace)

    async def one_of_each() -> bool:
        deployments = await api.items(deployment_path(namespace))
        maps = await api.items(config_maps, labelSelector="lmarenabridge.dev/pool")
        return len(deployments) == len(maps) == 1

    await eventually(one_of_each, what="one Deployment with one ConfigMap")
    assert not {pod.name for pod in await pods.ready(len(old))} & set(old)
    await nothing_is_marked(api, namespace)
    assert pods.ledger.killed_busy == []
    assert pods.ledger.cut == []
