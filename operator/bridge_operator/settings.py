"""Settings of the operator: of its local backend, and of the one for a cluster."""

from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from bridge_api.names import ROUTER_PORT
from bridge_runtime.settings import PartSettings


class OperatorSettings(PartSettings):
    """Bring instances to what the pools want."""

    local: bool = False
    """Run router and instances as processes on this machine, instead of looking after a cluster."""

    file: list[Path] = []
    """Pool files of local mode; watched, so that an edit takes effect at once."""

    secrets_dir: Path | None = None
    """Directory that stands in for Secrets in local mode, laid out as Kubernetes mounts them: a directory for each Secret, and in it a file for each key."""

    port: int = Field(default=ROUTER_PORT, ge=0, le=65535)
    """Port of the local router, on `host`; 0 takes a free one."""

    run_dir: Path | None = None
    """Directory for tokens and the registry of a local run; unset: a private temporary one, removed at the end."""

    kubeconfig: Path | None = None
    """How to reach the cluster from outside of it. Unset: by the pod's own service account."""

    namespaces: list[str] = []
    """Namespaces whose pools are looked after; `*` for all. Empty: the operator's own."""

    namespace: str = Field(default="", max_length=63)
    """The operator's own namespace, for its Lease and for finding the routers. Empty: that of its service account."""

    lease: str = Field(default="bridge-operator", min_length=1, max_length=63)
    """Name of the Lease that the one operator holds which acts; the others wait for it."""

    lease_seconds: int = Field(default=15, ge=2, le=120)
    """How long after its last sign of life the operator that acts is given up. It stops by itself after two thirds of that without an API server."""

    router_service: str = Field(default="lmarena-bridge-router", min_length=1, max_length=63)
    """Service of the routers, in the operator's namespace: each of its endpoints tells the load."""

    master_token_file: Path | None = None
    """File with the master token, from which each pool's token and the load feed's are derived; routers have the same. Required in a cluster."""

    image: str = Field(default="lmarena-bridge/browser-pod:latest", min_length=1)
    """The browser pod's image, where a pool names none."""

    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When the nodes pull the browser pod's image."""

    image_pull_secrets: list[str] = []
    """Secrets for the image's registry, in the pools' namespaces."""

    seccomp_profile: str = "profiles/lmarena-bridge.json"
    """The profile on the nodes that lets Chromium have its sandbox, below the kubelet's folder for them; or `RuntimeDefault`."""

    monitoring_namespace: str = Field(default="", max_length=63)
    """Namespace whose pods may read the metrics of browser pods. Empty: any."""

    egress_cidrs: list[str] = ["0.0.0.0/0", "::/0"]
    """Addresses that browser pods may connect to: where sites and proxies are. DNS is always allowed."""

    blocked_cidrs: list[str] = ["169.254.0.0/16"]
    """Addresses within those that they may not connect to; by default where clouds hand out a node's credentials."""

    egress_to_pods: bool = True
    """Whether browser pods may connect to every pod of the cluster, whatever its address: for a site or proxy in the cluster."""

    @field_validator("egress_cidrs", "blocked_cidrs")
    @classmethod
    def _are_networks(cls, cidrs: list[str]) -> list[str]:
        return [str(ip_network(cidr)) for cidr in cidrs]

    @field_validator("blocked_cidrs")
    @classmethod
    def _leave_something_open(cls, blocked: list[str], info: ValidationInfo) -> list[str]:
        """A NetworkPolicy takes an exception only where it is smaller than what it is an exception from."""
        for cidr in info.data.get("egress_cidrs", []):
            if any(_lies_within(cidr, one) for one in blocked):
                raise ValueError(f"{cidr} of --egress-cidrs is blocked as a whole: take it out there")
        return blocked


def _lies_within(inner: str, outer: str) -> bool:
    one, other = ip_network(inner), ip_network(outer)
    return one.network_address in other and one.prefixlen >= other.prefixlen
