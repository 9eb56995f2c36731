"""Which of the operator's settings about the network are taken, and what becomes of them."""

import pytest
from pydantic import ValidationError

from bridge_operator.cluster.main import cluster_settings
from bridge_operator.settings import OperatorSettings


def test_what_pods_may_connect_to_is_the_persons_to_say() -> None:
    settings = OperatorSettings(
        egress_cidrs=["203.0.113.0/24"], blocked_cidrs=["203.0.113.8/29"], egress_to_pods=False
    )

    made = cluster_settings(settings, "bridge")

    assert made.egress_cidrs == ("203.0.113.0/24",)
    assert made.blocked_cidrs == ("203.0.113.8/29",)
    assert made.egress_to_pods is False


def test_the_defaults_leave_everything_open_but_what_clouds_keep_for_nodes() -> None:
    made = cluster_settings(OperatorSettings(), "bridge")

    assert made.egress_cidrs == ("0.0.0.0/0", "::/0")
    assert made.blocked_cidrs == ("169.254.0.0/16",)
    assert made.egress_to_pods is True


@pytest.mark.parametrize(
    ("egress", "blocked", "why"),
    [
        (["example.com"], [], "does not appear to be an IPv4 or IPv6 network"),
        (["10.0.0.1/8"], [], "has host bits set"),
        (["0.0.0.0/0"], ["10.0.0.0/33"], "does not appear to be an IPv4 or IPv6 network"),
        (["10.0.0.0/8"], ["10.0.0.0/8"], "10.0.0.0/8 of --egress-cidrs is blocked as a whole"),
        (["::/0", "10.1.0.0/16"], ["10.0.0.0/8"], "10.1.0.0/16 of --egress-cidrs is blocked as a whole"),
    ],
)
def test_what_no_network_policy_could_say_is_refused(egress: list[str], blocked: list[str], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        OperatorSettings(egress_cidrs=egress, blocked_cidrs=blocked)
