"""What every object of a pool has: metadata with the labels that find it, and an owner that takes it along."""

import hashlib
import json
from typing import Any

from bridge_api import names
from bridge_api.pool import BridgeInstancePool

Object = dict[str, Any]
"""A Kubernetes object, or a part of one, as JSON has it."""

INSTANCE_LABEL = "app.kubernetes.io/instance"
STANDARD_LABELS = {
    "app.kubernetes.io/name": names.APP,
    "app.kubernetes.io/component": "browser-pod",
    "app.kubernetes.io/managed-by": "bridge-operator",
}


def make_object(pool: BridgeInstancePool, api_version: str, kind: str, name: str, **content: Any) -> Object:
    """Make an object that goes when its pool goes."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": pool.metadata.namespace,
            "labels": pool_labels(pool),
            "ownerReferences": [_owner(pool)],
        },
        **content,
    }


def pool_labels(pool: BridgeInstancePool) -> dict[str, str]:
    return {**STANDARD_LABELS, INSTANCE_LABEL: pool.metadata.name, **pool_selector(pool)}


def pool_selector(pool: BridgeInstancePool) -> dict[str, str]:
    """Select the pods of this pool, and of no earlier one of its name."""
    return {names.POOL_LABEL: pool.metadata.name, names.POOL_UID_LABEL: pool.metadata.uid}


def with_intent(intent: Object) -> Object:
    """Note the digest of an intent in it: so even a field that is no longer wanted makes a difference."""
    annotations = intent["metadata"].get("annotations", {})
    noted = {**annotations, names.INTENT: digest_of(intent)}
    return {**intent, "metadata": {**intent["metadata"], "annotations": noted}}


def digest_of(value: Any) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _owner(pool: BridgeInstancePool) -> Object:
    return {
        "apiVersion": pool.api_version,
        "kind": pool.kind,
        "name": pool.metadata.name,
        "uid": pool.metadata.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
