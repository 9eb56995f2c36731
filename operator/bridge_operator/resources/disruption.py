"""The PodDisruptionBudget of a pool: a node that is emptied waits for busy pods, and for no others."""

from bridge_api import names
from bridge_api.pool import BridgeInstancePool
from bridge_api.spec.rollout import Disruption
from bridge_operator.resources.names import base_name
from bridge_operator.resources.objects import Object, make_object, pool_selector, with_intent


def make_pod_disruption_budget(pool: BridgeInstancePool) -> Object | None:
    """Protect busy pods from eviction; None where the pool lets nodes evict them."""
    if pool.spec.drain.disruption is Disruption.ALWAYS:
        return None
    spec = {
        "selector": {"matchLabels": {**pool_selector(pool), names.BUSY_LABEL: "true"}},
        "maxUnavailable": 0,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return with_intent(make_object(pool, "policy/v1", "PodDisruptionBudget", base_name(pool), spec=spec))
