"""Everything that a pool has once."""

from bridge_api.pool import BridgeInstancePool
from bridge_operator.resources.access import make_secret, make_service_account
from bridge_operator.resources.disruption import make_pod_disruption_budget
from bridge_operator.resources.network_policy import make_network_policy
from bridge_operator.resources.objects import Object
from bridge_operator.resources.service import make_service
from bridge_operator.resources.settings import ClusterSettings


def make_children(pool: BridgeInstancePool, settings: ClusterSettings, token: str) -> list[Object]:
    """Make what a pool has once, in the order in which its pods need it."""
    budget = make_pod_disruption_budget(pool)
    return [
        make_service_account(pool),
        make_secret(pool, token),
        make_network_policy(pool, settings),
        make_service(pool),
        *([] if budget is None else [budget]),
    ]
