"""The Lease of the operators: who holds it, and letting it run out without waiting."""

from tests.support.cluster.api import Api, ApiError, Object, path_of

NAME = "bridge-operator"
SHORT = "--lease-seconds=3"
"""For tests in which a Lease is to run out."""

EVERYTHING = ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},)
"""Rules for users that are only there to be told apart."""


def lease_path(namespace: str) -> str:
    return path_of("coordination.k8s.io/v1", "leases", namespace, NAME)


async def read_lease(api: Api, namespace: str) -> Object:
    try:
        spec: Object = (await api.get(lease_path(namespace)))["spec"]
    except ApiError as error:
        if error.status == 404:
            return {}
        raise
    return spec


async def give_lease_to(api: Api, namespace: str, holder: str) -> None:
    """Write another holder into the Lease; nobody: the next one that looks takes it."""
    term = (await read_lease(api, namespace)).get("leaseTransitions", 0)
    await api.patch(
        lease_path(namespace), {"spec": {"holderIdentity": holder, "leaseTransitions": term + bool(holder)}}
    )
