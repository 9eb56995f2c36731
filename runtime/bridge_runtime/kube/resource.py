"""Where each kind of object is found in the Kubernetes API."""

from dataclasses import dataclass
from typing import Final

from bridge_api import names


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of namespaced object."""

    api_version: str
    """`v1`, or `group/version`."""

    plural: str

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Return the path of one object, of those of a namespace, or without one of all namespaces."""
        root = f"/api/{self.api_version}" if self.api_version == "v1" else f"/apis/{self.api_version}"
        parts = [root]
        if namespace:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        if name:
            parts.append(name)
        if subresource:
            parts.append(subresource)
        return "/".join(parts)


POOLS: Final = Resource(names.API_VERSION, names.PLURAL)
PODS: Final = Resource("v1", "pods")
SERVICES: Final = Resource("v1", "services")
CONFIG_MAPS: Final = Resource("v1", "configmaps")
SECRETS: Final = Resource("v1", "secrets")
SERVICE_ACCOUNTS: Final = Resource("v1", "serviceaccounts")
DEPLOYMENTS: Final = Resource("apps/v1", "deployments")
REPLICA_SETS: Final = Resource("apps/v1", "replicasets")
DISRUPTION_BUDGETS: Final = Resource("policy/v1", "poddisruptionbudgets")
NETWORK_POLICIES: Final = Resource("networking.k8s.io/v1", "networkpolicies")
ENDPOINT_SLICES: Final = Resource("discovery.k8s.io/v1", "endpointslices")
LEASES: Final = Resource("coordination.k8s.io/v1", "leases")
EVENTS: Final = Resource("events.k8s.io/v1", "events")
