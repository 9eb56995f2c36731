"""The Deployment of a revision. It never rolls: another template is another Deployment."""

from typing import Any

from bridge_api import names
from bridge_operator.resources.objects import Object, make_object, pool_labels, pool_selector, with_intent
from bridge_operator.resources.pod import make_pod_spec
from bridge_operator.resources.revision import Revision, profile_of
from bridge_operator.resources.settings import ClusterSettings


def make_deployment(
    revision: Revision, settings: ClusterSettings, *, replicas: int | None, paused: bool
) -> Object:
    """Make the Deployment of a current revision; `replicas` only where it is created, afterwards `/scale` has it.

    `paused`: once its ReplicaSet is there. A paused Deployment scales, but nothing makes it roll.
    That of an earlier revision stays as it was made: the operator's settings of that time are not known any more.
    """
    number: dict[str, Any] = {} if replicas is None else {"replicas": replicas}
    held = {"paused": True} if paused else {}  # an API server keeps no `paused: false`
    spec = {
        **number,
        **held,
        "revisionHistoryLimit": 0,
        "selector": {"matchLabels": revision_selector(revision)},
        "template": _make_template(revision, settings),
    }
    made = make_object(revision.pool, "apps/v1", "Deployment", revision.name, spec=spec)
    made["metadata"]["labels"] |= revision_selector(revision)
    return with_intent(made)


def revision_selector(revision: Revision) -> dict[str, str]:
    """Select the pods of one revision."""
    return {
        **pool_selector(revision.pool),
        names.PROFILE_LABEL: revision.profile,
        names.TEMPLATE_HASH_LABEL: revision.template_hash,
    }


def _make_template(revision: Revision, settings: ClusterSettings) -> Object:
    pool, own = revision.pool, revision.pool.spec.template
    metadata: Object = {
        "labels": {**(own.labels or {}), **pool_labels(pool), **revision_selector(revision)},
        # Until it chats: autoscalers of nodes keep pods with an emptyDir that do not say so.
        "annotations": {**(own.annotations or {}), names.SAFE_TO_EVICT: "true"},
    }
    profile = profile_of(revision)
    return {
        "metadata": metadata,
        "spec": make_pod_spec(pool, profile, settings, config_map=revision.name),
    }
