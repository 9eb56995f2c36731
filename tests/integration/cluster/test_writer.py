"""Writes of the operator to a real API server."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge_operator.cluster.store import Store
from bridge_operator.cluster.writer import Writer
from bridge_runtime.kube import KubeError
from bridge_runtime.kube.client import connected
from bridge_runtime.kube.resource import CONFIG_MAPS, DEPLOYMENTS
from tests.support.cluster.api import MERGE, Api, Object, path_of
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.workloads import deployment_path, make_deployment, pod_path

POD = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "main", "image": "image:1"}]}}


@pytest.fixture
async def writer(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> AsyncIterator[Writer]:
    kubeconfig = control_plane.access().write_kubeconfig(tmp_path / "kubeconfig")
    async with connected(kubeconfig, user_agent="tests") as kube:
        store = Store(kube, [namespace], lambda *_: None, clock=time.monotonic, random=lambda: 0.0)
        yield Writer(kube, store, lambda: True)


async def make_web(writer: Writer, namespace: str, replicas: int) -> Object:
    """Make a Deployment that Kubernetes leaves alone."""
    made = make_deployment("web", replicas, paused=True)
    whole = {"apiVersion": "apps/v1", "kind": "Deployment", **made}
    return await writer.create(DEPLOYMENTS, {**whole, "metadata": {"name": "web", "namespace": namespace}})


async def number(api: Api, namespace: str) -> int:
    return int((await api.get(deployment_path(namespace, "web")))["spec"]["replicas"])


async def test_what_is_gone_already_can_be_deleted_again(writer: Writer, api: Api, namespace: str) -> None:
    words = await api.create(path_of("v1", "configmaps", namespace), {"metadata": {"name": "words"}})
    for _ in range(2):
        await writer.delete(CONFIG_MAPS, words)
    assert await api.items(path_of("v1", "configmaps", namespace), fieldSelector="metadata.name=words") == []


async def test_what_has_been_made_anew_is_not_deleted(writer: Writer, api: Api, namespace: str) -> None:
    path = path_of("v1", "configmaps", namespace)
    first = await api.create(path, {"metadata": {"name": "words"}})
    await api.delete(f"{path}/words")
    second = await api.create(path, {"metadata": {"name": "words"}})

    await writer.delete(CONFIG_MAPS, first)

    assert (await api.get(f"{path}/words"))["metadata"]["uid"] == second["metadata"]["uid"]


async def test_a_pod_that_is_gone_or_another_one_by_now_is_not_marked(
    writer: Writer, api: Api, namespace: str
) -> None:
    first = await api.create(pod_path(namespace), POD)
    await api.delete(pod_path(namespace, "web"), {"gracePeriodSeconds": 0})

    await writer.mark_pod(first, annotations={"a": "b"})
    await api.create(pod_path(namespace), POD)
    await writer.mark_pod(first, annotations={"a": "b"})

    assert "annotations" not in (await api.get(pod_path(namespace, "web")))["metadata"]


async def test_a_number_is_not_said_of_what_has_changed_since_it_was_read(
    writer: Writer, api: Api, namespace: str
) -> None:
    read = await make_web(writer, namespace, 3)
    await api.patch(deployment_path(namespace, "web", "scale"), {"spec": {"replicas": 5}}, MERGE)

    for say in (writer.set_replicas, writer.lower_replicas):
        with pytest.raises(KubeError) as refused:
            await say(read, 2)
        assert refused.value.status == 409
    assert await number(api, namespace) == 5


async def test_what_is_there_already_is_not_made_and_keeps_its_number(
    writer: Writer, api: Api, namespace: str
) -> None:
    await make_web(writer, namespace, 3)
    with pytest.raises(KubeError) as refused:
        await make_web(writer, namespace, 0)
    assert refused.value.reason == "AlreadyExists"
    assert await number(api, namespace) == 3


async def test_an_apply_without_a_number_keeps_the_one_it_was_made_with(
    writer: Writer, api: Api, namespace: str
) -> None:
    made = await make_web(writer, namespace, 3)
    intent = make_deployment("web", 0, image="image:2", paused=True)
    del intent["spec"]["replicas"]
    metadata = {"name": "web", "namespace": namespace, "uid": made["metadata"]["uid"]}

    for _ in range(2):
        await writer.apply(DEPLOYMENTS, {**intent, "metadata": metadata})
    assert await number(api, namespace) == 3


async def test_an_apply_to_an_object_that_is_gone_makes_no_other(
    writer: Writer, api: Api, namespace: str
) -> None:
    made = await make_web(writer, namespace, 3)
    await api.delete(deployment_path(namespace, "web"))
    metadata = {"name": "web", "namespace": namespace, "uid": made["metadata"]["uid"]}

    with pytest.raises(KubeError) as refused:
        await writer.apply(DEPLOYMENTS, {**make_deployment("web", 0), "metadata": metadata})
    assert refused.value.status == 409
    assert await api.items(deployment_path(namespace)) == []
