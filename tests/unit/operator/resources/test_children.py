"""What a pool has once: each object does its one thing, and none lets anybody do more."""

import base64
from typing import Any

from bridge_api import names
from bridge_operator.resources.access import make_secret
from bridge_operator.resources.children import make_children
from bridge_operator.resources.disruption import make_pod_disruption_budget
from bridge_operator.resources.names import base_name
from bridge_operator.resources.network_policy import make_network_policy
from bridge_operator.resources.objects import pool_selector
from bridge_operator.resources.service import make_service
from bridge_operator.resources.settings import ClusterSettings
from tests.unit.operator.resources.pools import SETTINGS, make_pool


def ports(rules: list[dict[str, Any]]) -> list[Any]:
    return [port["port"] for rule in rules for port in rule["ports"]]


def test_a_pool_has_an_account_a_token_a_policy_a_service_and_a_budget() -> None:
    pool = make_pool()

    made = make_children(pool, SETTINGS, "the-token")

    assert [one["kind"] for one in made] == [
        "ServiceAccount",
        "Secret",
        "NetworkPolicy",
        "Service",
        "PodDisruptionBudget",
    ]
    assert {one["metadata"]["name"] for one in made} == {base_name(pool)}
    assert {one["metadata"]["namespace"] for one in made} == {"chats"}


def test_each_call_makes_fresh_objects() -> None:
    pool = make_pool()
    first = make_children(pool, SETTINGS, "t")
    first[0]["metadata"]["labels"]["mine"] = "yes"

    assert "mine" not in make_children(pool, SETTINGS, "t")[0]["metadata"]["labels"]


def test_the_service_is_headless_and_finds_the_pods_of_this_pool_alone() -> None:
    pool = make_pool()

    spec = make_service(pool)["spec"]

    assert spec["clusterIP"] == "None"
    assert spec["selector"] == pool_selector(pool)
    assert pool_selector(make_pool(uid="another")) != pool_selector(pool)


def test_the_secret_holds_the_token_and_no_digest_of_it() -> None:
    secret = make_secret(make_pool(), "the-token")

    assert base64.b64decode(secret["data"]["token"]) == b"the-token"
    assert "annotations" not in secret["metadata"]


def test_only_busy_pods_are_kept_from_eviction() -> None:
    budget = make_pod_disruption_budget(make_pool())

    assert budget is not None
    assert budget["spec"]["selector"]["matchLabels"][names.BUSY_LABEL] == "true"
    assert budget["spec"]["maxUnavailable"] == 0


def test_a_pool_that_lets_nodes_evict_has_no_budget() -> None:
    pool = make_pool(drain={"disruption": "Always"})

    assert make_pod_disruption_budget(pool) is None
    assert len(make_children(pool, SETTINGS, "t")) == 4


def test_only_peers_come_in_and_each_to_its_port() -> None:
    spec = make_network_policy(make_pool(), SETTINGS)["spec"]

    assert ports(spec["ingress"]) == ["http", "metrics"]
    (router,) = spec["ingress"][0]["from"]
    assert router["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "bridge"}
    assert router["podSelector"]["matchLabels"] == {"app.kubernetes.io/component": "router"}


def test_without_peers_nobody_comes_in() -> None:
    spec = make_network_policy(make_pool(), ClusterSettings(image="i"))["spec"]

    assert spec["ingress"] == []
    assert spec["policyTypes"] == ["Ingress", "Egress"]


def test_pages_go_everywhere_but_to_a_nodes_credentials() -> None:
    dns, pages = make_network_policy(make_pool(), SETTINGS)["spec"]["egress"]

    assert [port["port"] for port in dns["ports"]] == [53, 53]
    assert pages["to"] == [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}},
        {"ipBlock": {"cidr": "::/0"}},
        {"namespaceSelector": {}},
    ]


def test_where_nothing_may_be_reached_names_can_still_be_looked_up() -> None:
    closed = ClusterSettings(image="i", egress_cidrs=(), egress_to_pods=False)

    (dns,) = make_network_policy(make_pool(), closed)["spec"]["egress"]

    assert "to" not in dns
