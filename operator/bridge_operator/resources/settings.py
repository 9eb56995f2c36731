"""What the operator's settings say of every pool's objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RUNTIME_DEFAULT = "RuntimeDefault"


@dataclass(frozen=True, slots=True)
class Peer:
    """Pods that may reach a pool's pods."""

    pod_labels: Mapping[str, str]
    namespace_labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of their namespace. Empty: any namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    image: str
    """The browser pod's image, where a pool names none."""

    image_pull_policy: str = "IfNotPresent"
    image_pull_secrets: tuple[str, ...] = ()
    """Secrets for the registry, in the pools' namespaces; those of a pool are added."""

    seccomp_profile: str = "profiles/lmarena-bridge.json"
    """The profile on the nodes that lets Chromium have its sandbox, below the kubelet's folder for them; or `RuntimeDefault`, where the runtime's own does."""

    api_peers: tuple[Peer, ...] = ()
    """Who may call the pods: routers and operator."""

    metrics_peers: tuple[Peer, ...] = ()
    """Who may read the pods' metrics."""

    egress_cidrs: tuple[str, ...] = ("0.0.0.0/0", "::/0")
    """Where pages and proxies may be."""

    blocked_cidrs: tuple[str, ...] = ("169.254.0.0/16",)
    """Where they may not be, within those: by default where clouds hand out a node's credentials."""

    egress_to_pods: bool = True
    """Whether pages and proxies may be in the cluster; some networks do not count pods among addresses."""
