"""Pools as an API server would hold them, and settings as an operator would have them."""

from typing import Any

from bridge_api.pool import BridgeInstancePool
from bridge_operator.resources.refused import read_pool
from bridge_operator.resources.revision import Revision, current_revisions
from bridge_operator.resources.settings import ClusterSettings, Peer

UID = "3f0e6b5e-0f5b-4a53-9f86-0a3f2c5d7e11"
SITE = {"adapter": "arena", "url": "https://chat.example.org"}
SETTINGS = ClusterSettings(
    image="example.org/browser-pod:1",
    api_peers=(Peer({"app.kubernetes.io/component": "router"}, {"kubernetes.io/metadata.name": "bridge"}),),
    metrics_peers=(Peer({"app": "prometheus"}),),
)


def raw_pool(*, name: str = "demo", uid: str = UID, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "lmarenabridge.dev/v1alpha1",
        "kind": "BridgeInstancePool",
        "metadata": {"name": name, "namespace": "chats", "uid": uid, "generation": 3},
        "spec": {"site": SITE, **spec},
    }


def make_pool(*, name: str = "demo", uid: str = UID, **spec: Any) -> BridgeInstancePool:
    pool = read_pool(raw_pool(name=name, uid=uid, **spec))
    assert isinstance(pool, BridgeInstancePool), pool
    return pool


def only_revision(pool: BridgeInstancePool, settings: ClusterSettings = SETTINGS) -> Revision:
    (revision,) = current_revisions(pool, settings)
    return revision
