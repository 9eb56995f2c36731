"""Raw objects of a pool, as an API server has them after a while."""

from datetime import UTC, datetime
from typing import Any

from bridge_api import names
from bridge_api.pool import BridgeInstancePool
from bridge_operator.cluster.heard import Heard, Word
from bridge_operator.cluster.observe import Moment, Observed, observe
from bridge_operator.cluster.trim import template_digest

WALL = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC).timestamp()
NOW = Moment(now=1000.0, wall=WALL)
UID = "uid-of-demo"
HASH = "aaaaaaaaaa"
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "image": "pod:1"}


def make_pool(**spec: Any) -> BridgeInstancePool:
    return BridgeInstancePool.model_validate(
        {
            "metadata": {"name": "demo", "namespace": "team", "uid": UID},
            "spec": {"site": {"adapter": "arena", "url": "http://site.example"}, **spec},
        }
    )


def timestamp(seconds_ago: float) -> str:
    return datetime.fromtimestamp(WALL - seconds_ago, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_deployment(
    name: str = "demo-1", *, replicas: int = 1, template_hash: str = HASH, uid: str = UID, **annotations: str
) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": "team",
            "uid": f"uid-of-{name}",
            "creationTimestamp": timestamp(100),
            "labels": _labels(template_hash, uid),
            "annotations": {f"{names.GROUP}/{key}": value for key, value in annotations.items()},
            "ownerReferences": [{"uid": uid, "controller": True}],
        },
        "spec": {"replicas": replicas, "template": TEMPLATE},
    }


def make_replica_set(deployment: dict[str, Any], *, replicas: int = 1, **image: str) -> dict[str, Any]:
    """Make one as the store keeps it; with an `image` it is of another template."""
    return {
        "metadata": {"ownerReferences": [{"uid": deployment["metadata"]["uid"], "controller": True}]},
        "spec": {"replicas": replicas, "template": template_digest({**TEMPLATE, **image})},
        "status": {"replicas": replicas},
    }


def make_pod(
    name: str,
    *,
    ready: bool = True,
    cost: str | None = None,
    terminating: bool = False,
    template_hash: str = HASH,
    uid: str = UID,
    seconds_ago: float = 50,
    phase: str = "Running",
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": "team",
        "uid": f"uid-of-{name}",
        "creationTimestamp": timestamp(seconds_ago),
        "labels": _labels(template_hash, uid),
        "annotations": {} if cost is None else {names.DELETION_COST: cost},
    }
    if terminating:
        metadata["deletionTimestamp"] = timestamp(0)
    condition = {
        "type": "Ready",
        "status": str(ready),
        "lastTransitionTime": timestamp(seconds_ago - 10),
    }
    return {
        "metadata": metadata,
        "spec": {"nodeName": "n"},
        "status": {"phase": phase, "conditions": [condition]},
    }


def look(
    deployments: list[dict[str, Any]],
    pods: list[dict[str, Any]],
    heard: dict[str, Heard] | None = None,
    pool: BridgeInstancePool | None = None,
    replica_sets: list[dict[str, Any]] | None = None,
) -> Observed:
    """Observe; `heard` by pod name. Each Deployment has its ReplicaSet, unless others are given."""
    said = {f"uid-of-{name}": one for name, one in (heard or {}).items()}
    if replica_sets is None:
        replica_sets = [make_replica_set(one) for one in deployments]
    children = {"deployments": deployments, "replicasets": replica_sets, "pods": pods}
    return observe(pool or make_pool(), children, lambda uid: Word(said.get(uid)), NOW)


def _labels(template_hash: str, uid: str) -> dict[str, str]:
    return {
        names.POOL_LABEL: "demo",
        names.POOL_UID_LABEL: uid,
        names.PROFILE_LABEL: "",
        names.TEMPLATE_HASH_LABEL: template_hash,
    }
