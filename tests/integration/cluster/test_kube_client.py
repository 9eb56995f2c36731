"""Our client of the Kubernetes API, on a real one."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

from bridge_runtime.kube import Informer
from bridge_runtime.kube.client import connected
from bridge_runtime.kube.resource import CONFIG_MAPS, DEPLOYMENTS, Resource
from tests.support.cluster.api import Api, path_of
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.faults import FaultProxy, watches
from tests.support.cluster.workloads import deployment_path, make_deployment
from tests.support.waiting import eventually


async def test_a_listed_object_says_what_it_is_as_a_watched_one_does(
    control_plane: ControlPlane, api: Api, namespace: str, tmp_path: Path
) -> None:
    await api.create(deployment_path(namespace), make_deployment("web", 0))
    await api.create(path_of("v1", "configmaps", namespace), {"metadata": {"name": "words"}})
    kubeconfig = control_plane.access().write_kubeconfig(tmp_path / "kubeconfig")
    found: dict[Resource, tuple[str, str]] = {}
    async with connected(kubeconfig, user_agent="tests") as kube:
        for resource in (DEPLOYMENTS, CONFIG_MAPS):
            listed, _ = await kube.list(resource, namespace)
            found[resource] = listed[0]["apiVersion"], listed[0]["kind"]
    assert found == {DEPLOYMENTS: ("apps/v1", "Deployment"), CONFIG_MAPS: ("v1", "ConfigMap")}


async def test_an_informer_hears_again_as_soon_as_its_watch_is_open(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    async with FaultProxy(control_plane).running() as proxy:
        kubeconfig = proxy.access().write_kubeconfig(tmp_path / "kubeconfig")
        async with connected(kubeconfig, user_agent="tests") as kube:
            informer = Informer(
                api=kube,
                resource=CONFIG_MAPS,
                namespace=namespace,
                changed=lambda _: None,
                clock=time.monotonic,
                random=lambda: 0.0,
            )
            following = asyncio.create_task(informer.run())
            try:
                await eventually(lambda: proxy.cut(watches), what="its watch being cut")
                await eventually(lambda: informer.failing, what="its noticing")
                await eventually(lambda: not informer.failing, what="its hearing again, with nothing to hear")
            finally:
                following.cancel()
                with suppress(asyncio.CancelledError):
                    await following
