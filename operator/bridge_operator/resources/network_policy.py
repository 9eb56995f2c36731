"""The NetworkPolicy of a pool: routers and operator come in, pages go out, and nobody else meets a pod."""

from collections.abc import Sequence
from ipaddress import ip_network

from bridge_api import names
from bridge_api.pool import BridgeInstancePool
from bridge_operator.resources.names import base_name
from bridge_operator.resources.objects import Object, make_object, pool_selector, with_intent
from bridge_operator.resources.settings import ClusterSettings, Peer

DNS_PORT = 53


def make_network_policy(pool: BridgeInstancePool, settings: ClusterSettings) -> Object:
    spec = {
        "podSelector": {"matchLabels": pool_selector(pool)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            *_from(settings.api_peers, names.HTTP_PORT_NAME),
            *_from(settings.metrics_peers, names.METRICS_PORT_NAME),
        ],
        "egress": [_dns(), *_to(settings)],
    }
    return with_intent(make_object(pool, "networking.k8s.io/v1", "NetworkPolicy", base_name(pool), spec=spec))


def _from(peers: Sequence[Peer], port: str) -> list[Object]:
    """Let peers in; without any the rule is left out, because an empty one lets everybody in."""
    if not peers:
        return []
    ports = [{"port": port, "protocol": "TCP"}]
    return [{"from": [_peer(peer) for peer in peers], "ports": ports}]


def _peer(peer: Peer) -> Object:
    namespaces = {"matchLabels": dict(peer.namespace_labels)} if peer.namespace_labels else {}
    return {"namespaceSelector": namespaces, "podSelector": {"matchLabels": dict(peer.pod_labels)}}


def _dns() -> Object:
    """Let names be looked up anywhere: a cluster's DNS may be pods, or a cache on the node."""
    return {"ports": [{"port": DNS_PORT, "protocol": protocol} for protocol in ("UDP", "TCP")]}


def _to(settings: ClusterSettings) -> list[Object]:
    peers = [{"ipBlock": _block(cidr, settings.blocked_cidrs)} for cidr in settings.egress_cidrs]
    if settings.egress_to_pods:
        peers.append({"namespaceSelector": {}})
    return [{"to": peers}] if peers else []


def _block(cidr: str, blocked: Sequence[str]) -> Object:
    excepted = [one for one in blocked if _lies_within(one, cidr)]
    return {"cidr": cidr, "except": excepted} if excepted else {"cidr": cidr}


def _lies_within(inner: str, outer: str) -> bool:
    one, other = ip_network(inner), ip_network(outer)
    return one.network_address in other and one.prefixlen > other.prefixlen
