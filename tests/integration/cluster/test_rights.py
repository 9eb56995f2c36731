"""The operator with exactly the chart's rights: a whole life of a pool needs each of them, and no other."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bridge_api.names import GROUP, PLURAL, POOL_LABEL
from tests.support.cluster.api import MERGE, Api, ApiError, Object, open_api, path_of
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.crd import pools_path
from tests.support.cluster.namespaces import grant, own_namespace
from tests.support.cluster.operators import OperatorProcess, start_operator
from tests.support.cluster.pools import QUICK, create_pool, edit_pool, reason_of
from tests.support.cluster.rights import AuditLog, Right, rights_of, rules_of
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.simulated_router import SimulatedRouter, running_router
from tests.support.cluster.workloads import deployment_path, pod_path
from tests.support.waiting import eventually

BLOCKING = Right(GROUP, f"{PLURAL}/finalizers", "update")
CHECKED_WITHOUT_A_REQUEST = {
    BLOCKING,
    Right("", "services", "delete"),
    Right("", "serviceaccounts", "delete"),
    Right("networking.k8s.io", "networkpolicies", "delete"),
}
"""The admission plugin OwnerReferencesPermissionEnforcement asks for them: the first where a child blocks its owner's deletion,
the others where a reference to the owner is put back that somebody has taken away."""

CHILDREN = (
    ("v1", "services"),
    ("v1", "serviceaccounts"),
    ("v1", "configmaps"),
    ("networking.k8s.io/v1", "networkpolicies"),
    ("policy/v1", "poddisruptionbudgets"),
    ("apps/v1", "deployments"),
)


@pytest.fixture
async def home(api: Api, namespace: str) -> AsyncIterator[str]:
    """The operator's own namespace, where it has other rights than in the pools'."""
    async with own_namespace(api, f"{namespace}-home") as name:
        yield name


@pytest.fixture
async def granted(api: Api, namespace: str, home: str) -> None:
    await grant(api, "operator", namespace, rules_of("operator"))
    await grant(api, "operator", home, rules_of("operator-own-namespace"))


@pytest.fixture
async def router(
    api: Api, namespace: str, home: str, pods: SimulatedPods, addresses: Iterator[str]
) -> AsyncIterator[SimulatedRouter]:
    router = SimulatedRouter(pods, [f"{namespace}/demo"])
    async with running_router(api, home, router, next(addresses)):
        yield router


class Life:
    """What happens to a pool in its life; each step ends when the operator has done its part."""

    def __init__(self, api: Api, namespace: str, pods: SimulatedPods, router: SimulatedRouter) -> None:
        self._api = api
        self._namespace = namespace
        self._pods = pods
        self._router = router

    async def is_made(self) -> None:
        scaling = {"minInstances": 1, "maxInstances": 3, **QUICK}
        await create_pool(self._api, self._namespace, slots=1, autoscaling=scaling)
        await self._pods.ready(1)
        await reason_of(self._api, self._namespace, "Ready", "InstancesReady")

    async def moves_with_the_load(self) -> None:
        (first,) = self._pods.all
        chat = self._pods.begin_chat(first.name)
        await eventually(lambda: self._pod_is("lmarenabridge.dev/busy=true", first.name), what="a busy label")
        self._router.pending[f"{self._namespace}/demo"] = 2
        await self._pods.ready(3)
        self._router.pending.clear()
        self._pods.end_chat(chat)
        await self._pods.ready(1)

    async def drifts(self) -> None:
        """Somebody edits or deletes what is the operator's."""
        for api_version, plural in CHILDREN:
            path = await self._child(api_version, plural)
            taken_away = {"labels": {POOL_LABEL: "another"}, "ownerReferences": None}
            await self._api.patch(path, {"metadata": taken_away}, MERGE)
            await self._is_mended(path)
        for api_version, plural in CHILDREN[:-1]:
            path = await self._child(api_version, plural)
            await self._api.delete(path)
            await self._is_mended(path)

    async def lets_busy_pods_be_evicted(self) -> None:
        await edit_pool(self._api, self._namespace, drain={"disruption": "Always"})
        path = path_of("policy/v1", "poddisruptionbudgets", self._namespace)

        async def none_left() -> bool:
            return not await self._api.items(path)

        await eventually(none_left, what="the budget having gone")

    async def rolls_out(self) -> None:
        await edit_pool(self._api, self._namespace, image="another:2")
        await self._has_one_deployment("another:2")

    async def rolls_back(self) -> None:
        self._pods.starting_lasts = True
        await edit_pool(self._api, self._namespace, image="broken:3", rollout={"progressDeadlineSeconds": 1})
        await reason_of(self._api, self._namespace, "Progressing", "ProgressDeadlineExceeded")
        self._pods.starting_lasts = False
        await edit_pool(self._api, self._namespace, image="another:2")
        await self._has_one_deployment("another:2")

    async def is_scaled_by_others(self) -> None:
        await edit_pool(self._api, self._namespace, replicas=None, autoscaling={"mode": "External"})

        async def said() -> bool:
            pool = await self._api.get(pools_path(self._namespace, "demo"))
            return bool(pool["spec"].get("replicas") == 1)

        await eventually(said, what="a first number")

    async def repeats_itself(self) -> None:
        """The same happens again, so that its Event is counted up."""
        await edit_pool(self._api, self._namespace, autoscaling={"mode": "Off"})
        for replicas in (2, 1, 2, 1):
            await edit_pool(self._api, self._namespace, replicas=replicas)
            await self._pods.ready(replicas)

        async def counted() -> bool:
            events = await self._api.items(path_of("events.k8s.io/v1", "events", self._namespace))
            return any((event.get("series") or {}).get("count", 0) > 1 for event in events)

        await eventually(counted, what="an Event that has happened twice")

    async def ends(self) -> None:
        await self._api.delete(pools_path(self._namespace, "demo"))
        await eventually(lambda: not self._pods.all, what="the end of all pods")

    async def _has_one_deployment(self, image: str) -> None:
        async def has() -> bool:
            deployments = await self._api.items(deployment_path(self._namespace))
            return [_image_of(one) for one in deployments] == [image]

        await eventually(has, what=f"{image} being all there is")
        await reason_of(self._api, self._namespace, "Progressing", "AsWanted")

    async def _child(self, api_version: str, plural: str) -> str:
        path = path_of(api_version, plural, self._namespace)
        (child,) = await self._api.items(path, labelSelector=f"{POOL_LABEL}=demo")
        return f"{path}/{child['metadata']['name']}"

    async def _is_mended(self, path: str) -> None:
        async def labelled() -> bool:
            try:
                found = await self._api.get(path)
            except ApiError:
                return False
            metadata = found["metadata"]
            return metadata["labels"][POOL_LABEL] == "demo" and "ownerReferences" in metadata

        await eventually(labelled, what=f"{path} being as it was")

    async def _pod_is(self, selector: str, name: str) -> bool:
        found = await self._api.items(pod_path(self._namespace), labelSelector=selector)
        return name in {pod["metadata"]["name"] for pod in found}


def _image_of(deployment: Object) -> str:
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return str(container["image"])


Start = Callable[[], Awaitable[OperatorProcess]]


@pytest.fixture
def life(api: Api, namespace: str, pods: SimulatedPods, router: SimulatedRouter) -> Life:
    return Life(api, namespace, pods, router)


@pytest.fixture
async def start(
    control_plane: ControlPlane, namespace: str, home: str, tmp_path: Path
) -> AsyncIterator[Start]:
    """Start an operator that has its own rights only."""
    async with AsyncExitStack() as running:

        async def start() -> OperatorProcess:
            watched = f"--namespaces={namespace}"
            started = await start_operator(control_plane, tmp_path, home, watched, user="operator")
            running.push_async_callback(started.part.stop)
            return started

        yield start


@pytest.mark.usefixtures("granted", "kubelet")
async def test_a_pools_life_needs_every_right_of_the_operator_and_no_other(
    control_plane: ControlPlane, namespace: str, home: str, start: Start, life: Life
) -> None:
    log = AuditLog(control_plane.audit_log, from_now=True)
    first = await start()
    await eventually(first.leads, what="the first operator leading")
    second = await start()
    await life.is_made()
    await life.moves_with_the_load()
    await life.drifts()
    await life.lets_busy_pods_be_evicted()
    await first.part.stop()
    await eventually(second.leads, what="the second operator leading")
    await life.rolls_out()
    await life.rolls_back()
    await life.is_scaled_by_others()
    await life.repeats_itself()
    await life.ends()

    assert log.refused("operator", namespace, home) == []
    unused = rights_of(rules_of("operator")) - log.rights_used("operator", namespace)
    assert unused == CHECKED_WITHOUT_A_REQUEST
    assert rights_of(rules_of("operator-own-namespace")) == log.rights_used("operator", home)


@pytest.mark.usefixtures("granted")
async def test_the_operator_reads_no_secret_not_even_its_own(
    control_plane: ControlPlane, namespace: str
) -> None:
    async with open_api(control_plane.access("operator")) as operator:
        for path in (path_of("v1", "secrets", namespace), path_of("v1", "secrets", namespace, "any")):
            with pytest.raises(ApiError) as refused:
                await operator.get(path)
            assert refused.value.status == 403


async def test_children_may_not_block_their_pools_deletion_without_the_right_that_no_request_shows(
    api: Api, control_plane: ControlPlane, namespace: str
) -> None:
    pool = await create_pool(api, namespace)
    without = [rule for rule in rules_of("operator") if BLOCKING not in rights_of([rule])]
    await grant(api, "operator", namespace, without)

    async with open_api(control_plane.access("operator")) as operator:
        with pytest.raises(ApiError, match="blockOwnerDeletion") as refused:
            await operator.create(path_of("v1", "configmaps", namespace), _child_of(pool))
    assert refused.value.status == 403


def _child_of(pool: Object) -> Object:
    owner = {name: pool[name] for name in ("apiVersion", "kind")}
    owner |= {name: pool["metadata"][name] for name in ("name", "uid")}
    return {"metadata": {"name": "child", "ownerReferences": [{**owner, "blockOwnerDeletion": True}]}}
