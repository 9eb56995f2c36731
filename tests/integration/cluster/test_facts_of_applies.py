"""What our design takes for granted of server-side apply: no write without a change, and replicas that belong to /scale."""

from tests.support.cluster.api import Api, Object
from tests.support.cluster.workloads import deployment_path, make_deployment
from tests.support.waiting import eventually

OPERATOR = "bip-operator"
AUTOSCALER = "bip-autoscaler"


def without_replicas(name: str) -> Object:
    deployment = make_deployment(name, 0)
    del deployment["spec"]["replicas"]
    return deployment


def scale_of(name: str, namespace: str, replicas: int) -> Object:
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"replicas": replicas},
    }


async def test_an_apply_that_changes_nothing_writes_nothing(api: Api, namespace: str) -> None:
    path = deployment_path(namespace, "web")
    await api.apply(path, make_deployment("web", 0, paused=True), OPERATOR)

    async def applied_without_a_write() -> bool:
        before = await api.get(path)
        after = await api.apply(path, make_deployment("web", 0, paused=True), OPERATOR)
        return bool(after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"])

    # At first Kubernetes' own controller writes the status in between.
    await eventually(applied_without_a_write, what="an apply that writes nothing")


async def test_an_apply_without_replicas_keeps_what_scale_has_set(api: Api, namespace: str) -> None:
    path = deployment_path(namespace, "web")
    await api.apply(path, make_deployment("web", 2), OPERATOR)
    await api.apply(f"{path}/scale", scale_of("web", namespace, 2), AUTOSCALER)
    await api.apply(f"{path}/scale", scale_of("web", namespace, 5), AUTOSCALER)

    kept = await api.apply(path, without_replicas("web"), OPERATOR)

    assert kept["spec"]["replicas"] == 5


async def test_without_the_hand_over_an_apply_without_replicas_sets_them_to_one(
    api: Api, namespace: str
) -> None:
    path = deployment_path(namespace, "web")
    await api.apply(path, make_deployment("web", 2), OPERATOR)

    lost = await api.apply(path, without_replicas("web"), OPERATOR)

    assert lost["spec"]["replicas"] == 1
