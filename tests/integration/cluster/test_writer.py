"""Writes of the operator to a real API server."""

import time
from pathlib import Path

from bridge_operator.cluster.store import Store
from bridge_operator.cluster.writer import Writer
from bridge_runtime.kube.client import connected
from bridge_runtime.kube.resource import CONFIG_MAPS
from tests.support.cluster.api import Api, path_of
from tests.support.cluster.control_plane import ControlPlane


async def test_what_is_gone_already_can_be_deleted_again(
    control_plane: ControlPlane, api: Api, namespace: str, tmp_path: Path
) -> None:
    words = await api.create(path_of("v1", "configmaps", namespace), {"metadata": {"name": "words"}})
    kubeconfig = control_plane.access().write_kubeconfig(tmp_path / "kubeconfig")
    async with connected(kubeconfig, user_agent="tests") as kube:
        store = Store(kube, [namespace], lambda *_: None, clock=time.monotonic, random=lambda: 0.0)
        writer = Writer(kube, store, lambda: True)
        for _ in range(2):
            await writer.delete(CONFIG_MAPS, words)
    assert await api.items(path_of("v1", "configmaps", namespace), fieldSelector="metadata.name=words") == []
