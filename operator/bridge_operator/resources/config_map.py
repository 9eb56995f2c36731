"""The ConfigMap of a revision: the pool as its instances have it. They watch the file, so edits reach them without a roll."""

from typing import Any

import yaml

from bridge_api import names
from bridge_api.pool import BridgeInstancePool
from bridge_operator.resources.deployment import revision_selector
from bridge_operator.resources.objects import Object, make_object, with_intent
from bridge_operator.resources.revision import Revision


def make_config_map(revision: Revision) -> Object:
    data = {names.POOL_FILE_KEY: pool_file(revision.pool)}
    made = make_object(revision.pool, "v1", "ConfigMap", revision.name, data=data)
    made["metadata"]["labels"] |= revision_selector(revision)
    return with_intent(made)


def pool_file(pool: BridgeInstancePool) -> str:
    """Write a pool as its instances read it.

    Defaults are left out: an older image does not know the fields that a newer operator has. So is `replicas`, which may
    change often and is none of an instance's business.
    """
    spec = pool.spec.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"replicas"})
    metadata = {
        "name": pool.metadata.name,
        "namespace": pool.metadata.namespace,
        "uid": pool.metadata.uid,
    }
    document: dict[str, Any] = {
        "apiVersion": pool.api_version,
        "kind": pool.kind,
        "metadata": metadata,
        "spec": spec,
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
