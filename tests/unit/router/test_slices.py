"""Which instances EndpointSlices show."""

from typing import Any

import pytest

from bridge_router.core.slices import make_registry, read_slice
from tests.unit.router.worlds import make_resource


def an_endpoint(pod: str = "pod-a", address: str = "10.0.0.1", **conditions: bool) -> dict[str, Any]:
    return {
        "addresses": [address],
        "conditions": {"ready": True, "serving": True, "terminating": False} | conditions,
        "targetRef": {"kind": "Pod", "name": pod, "namespace": "default"},
    }


def a_slice(*endpoints: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Make a slice as the endpointslice controller does; `fields` are others than usual."""
    made = {
        "metadata": {"name": "s", "namespace": "default", "labels": {"lmarenabridge.dev/pool": "demo"}},
        "addressType": "IPv4",
        "ports": [{"name": "metrics", "port": 9090}, {"name": "http", "port": 8080}],
        "endpoints": list(endpoints),
    }
    return made | fields


def shown(*slices: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    registry = make_registry([make_resource()], [read_slice(one) for one in slices])
    return [(one.pool, one.instance, one.url, one.terminating) for one in registry.endpoints]


HERE = ("default/demo", "pod-a", "http://10.0.0.1:8080", False)
LEAVING = ("default/demo", "pod-a", "http://10.0.0.1:8080", True)
OTHER_PORT = [{"name": "metrics", "port": 9090}]
SIX = "fd00::1"


def with_labels(namespace: str = "default", **labels: str) -> dict[str, Any]:
    return {"name": "s", "namespace": namespace, "labels": labels}


@pytest.mark.parametrize(
    ("endpoint_slice", "expected"),
    [
        pytest.param(a_slice(an_endpoint()), [HERE], id="ready"),
        pytest.param(
            a_slice(an_endpoint(ready=False, serving=False)), [HERE], id="not-ready-is-asked-as-well"
        ),
        pytest.param(a_slice(an_endpoint(ready=False, terminating=True)), [LEAVING], id="terminating"),
        pytest.param(a_slice({**an_endpoint(), "conditions": {}}), [HERE], id="no-conditions"),
        pytest.param(
            a_slice(an_endpoint(address=SIX), addressType="IPv6"),
            [("default/demo", "pod-a", "http://[fd00::1]:8080", False)],
            id="ipv6",
        ),
        pytest.param(a_slice(an_endpoint(), addressType="FQDN"), [], id="a-name-is-none-of-ours"),
        pytest.param(a_slice(an_endpoint(), ports=OTHER_PORT), [], id="no-port-http"),
        pytest.param(a_slice(an_endpoint(), ports=[{"name": "http"}]), [], id="a-port-without-a-number"),
        pytest.param(a_slice(an_endpoint(), ports=None), [], id="no-ports"),
        pytest.param(a_slice(endpoints=None), [], id="no-endpoints"),
        pytest.param(a_slice({**an_endpoint(), "addresses": []}), [], id="no-address"),
        pytest.param(a_slice({**an_endpoint(), "targetRef": None}), [], id="no-target"),
        pytest.param(
            a_slice({**an_endpoint(), "targetRef": {"kind": "Node", "name": "pod-a"}}), [], id="not-a-pod"
        ),
        pytest.param(
            a_slice({**an_endpoint(), "targetRef": {"kind": "Pod", "name": "pod-a", "namespace": "else"}}),
            [],
            id="a-pod-of-another-namespace",
        ),
        pytest.param(a_slice(an_endpoint(), metadata=with_labels(other="demo")), [], id="no-pool-label"),
        pytest.param(
            a_slice(
                {**an_endpoint(), "targetRef": {"kind": "Pod", "name": "pod-a", "namespace": "team-b"}},
                metadata=with_labels("team-b", **{"lmarenabridge.dev/pool": "demo"}),
            ),
            [],
            id="a-pool-of-this-name-in-another-namespace",
        ),
    ],
)
def test_a_slice_shows_the_pods_of_its_pool(
    endpoint_slice: dict[str, Any], expected: list[tuple[str, str, str, bool]]
) -> None:
    assert shown(endpoint_slice) == expected


@pytest.mark.parametrize(
    ("slices", "expected"),
    [
        pytest.param([a_slice(an_endpoint()), a_slice(an_endpoint())], HERE, id="twice-the-same"),
        pytest.param(
            [a_slice(an_endpoint()), a_slice(an_endpoint(terminating=True))],
            LEAVING,
            id="one-knows-that-it-goes",
        ),
        pytest.param(
            [a_slice(an_endpoint()), a_slice(an_endpoint(address=SIX), addressType="IPv6")],
            HERE,
            id="both-types",
        ),
        pytest.param(
            [a_slice(an_endpoint()), a_slice(an_endpoint(address=SIX, terminating=True), addressType="IPv6")],
            LEAVING,
            id="both-types-one-knows-that-it-goes",
        ),
    ],
)
def test_an_instance_in_several_slices_is_one(
    slices: list[dict[str, Any]], expected: tuple[str, str, str, bool]
) -> None:
    assert shown(*slices) == [expected]
    assert shown(*reversed(slices)) == [expected]


@pytest.mark.parametrize(("uid", "count"), [("uid-2", 1), ("uid-1", 0)])
def test_the_pods_of_an_earlier_pool_of_the_name_are_not_of_this_one(uid: str, count: int) -> None:
    pool = make_resource()
    pool = pool.model_copy(update={"metadata": pool.metadata.model_copy(update={"uid": "uid-2"})})
    labels = {"lmarenabridge.dev/pool": "demo", "lmarenabridge.dev/pool-uid": uid}

    registry = make_registry([pool], [read_slice(a_slice(an_endpoint(), metadata=with_labels(**labels)))])

    assert len(registry.endpoints) == count


def test_the_instances_of_all_slices_are_there() -> None:
    first, second = a_slice(an_endpoint("pod-a")), a_slice(an_endpoint("pod-b", "10.0.0.2"))

    assert [instance for _, instance, _, _ in shown(first, second)] == ["pod-a", "pod-b"]
