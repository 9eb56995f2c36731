"""What an API server makes of an object is no difference; what somebody has changed of ours is one."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_operator.resources.children import make_children
from bridge_operator.resources.config_map import make_config_map
from bridge_operator.resources.deployment import make_deployment
from bridge_operator.resources.differences import differs
from bridge_operator.resources.network_policy import make_network_policy
from bridge_operator.resources.objects import with_intent
from bridge_operator.resources.quantity import parse_quantity
from bridge_operator.resources.service import make_service
from bridge_operator.resources.settings import ClusterSettings
from tests.unit.operator.resources.pools import SETTINGS, make_pool, only_revision

Object = dict[str, Any]
TEMPLATE = {
    "resources": {"requests": {"cpu": 0.5, "memory": "2048Mi"}, "limits": {"cpu": "1000m"}},
    "env": [{"name": "EMPTY", "value": ""}],
    "tolerations": [{"key": "chats", "operator": "Exists"}],
}
POOL = make_pool(profiles=[{"name": "home", "proxySecret": "p"}], template=TEMPLATE)


def deployment() -> Object:
    return make_deployment(only_revision(POOL), SETTINGS, replicas=None, paused=True)


def as_stored(intent: Object) -> Object:
    """Do to a Deployment what an API server and its controllers do."""
    stored = copy.deepcopy(intent)
    stored["metadata"] |= {"uid": "u", "resourceVersion": "7", "generation": 2, "managedFields": []}
    stored["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "1"
    spec = stored["spec"]
    spec |= {"replicas": 3, "progressDeadlineSeconds": 600, "strategy": {"type": "RollingUpdate"}}
    pod = spec["template"]["spec"]
    pod |= {"dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler"}
    pod["serviceAccount"] = pod["serviceAccountName"]
    pod["volumes"][0]["configMap"]["defaultMode"] = 420
    (container,) = pod["containers"]
    container["terminationMessagePath"] = "/dev/termination-log"
    container["startupProbe"]["successThreshold"] = 1
    container["resources"] = {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"cpu": "1"}}
    container["env"][-1] = {"name": "EMPTY"}
    stored["status"] = {"replicas": 3}
    return stored


def test_an_object_is_as_intended_once_an_api_server_has_stored_it() -> None:
    intent = deployment()

    assert differs(intent, as_stored(intent)) is None


@pytest.mark.parametrize("number", range(5))
def test_every_child_is_as_it_was_made(number: int) -> None:
    child = make_children(POOL, SETTINGS, "t")[number]

    assert differs(child, copy.deepcopy(child) | {"status": {}}) is None


def _pod(stored: Object) -> Any:
    return stored["spec"]["template"]["spec"]


def _container(stored: Object) -> Any:
    return _pod(stored)["containers"][0]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda o: o["spec"].update(paused=False), "spec.paused"),
        (lambda o: o["metadata"]["labels"].pop("lmarenabridge.dev/pool"), "metadata.labels.lmarenabridge.dev/pool"),
        (lambda o: o["metadata"].pop("ownerReferences"), "metadata.ownerReferences"),
        (lambda o: o["metadata"]["annotations"].pop("lmarenabridge.dev/intent"), "metadata.annotations.lmarenabridge.dev/intent"),
        (lambda o: _container(o).update(image="other"), "spec.template.spec.containers.image"),
        (lambda o: _container(o).update(args=["sh"]), "spec.template.spec.containers.args"),
        (lambda o: _container(o)["env"].pop(0), "spec.template.spec.containers.env"),
        (lambda o: _container(o)["resources"]["requests"].update(memory="1Gi"), "spec.template.spec.containers.resources.requests.memory"),
        (lambda o: _container(o)["securityContext"].pop("allowPrivilegeEscalation"), "spec.template.spec.containers.securityContext.allowPrivilegeEscalation"),
        (lambda o: _container(o)["securityContext"]["capabilities"]["drop"].append("X"), "spec.template.spec.containers.securityContext.capabilities.drop"),
        (lambda o: _pod(o).pop("automountServiceAccountToken"), "spec.template.spec.automountServiceAccountToken"),
        (lambda o: _pod(o)["tolerations"].append({"key": "x"}), "spec.template.spec.tolerations"),
    ],
)  # fmt: skip
def test_what_somebody_has_changed_of_ours_is_named(change: Callable[[Object], Any], path: str) -> None:
    intent = deployment()
    stored = as_stored(intent)

    change(stored)

    assert differs(intent, stored) == path


@pytest.mark.parametrize(
    "change",
    [
        lambda o: o["metadata"]["annotations"].update(note="theirs"),
        lambda o: o["metadata"]["labels"].update(team="theirs"),
        lambda o: _pod(o)["containers"].append({"name": "sidecar", "image": "theirs"}),
        lambda o: _container(o)["env"].insert(0, {"name": "THEIRS", "value": "1"}),
        lambda o: o["spec"].update(replicas=9),
    ],
)
def test_what_others_have_added_is_theirs(change: Callable[[Object], Any]) -> None:
    intent = deployment()
    stored = as_stored(intent)

    change(stored)

    assert differs(intent, stored) is None


def test_a_rule_that_somebody_has_added_to_the_network_policy_is_a_difference() -> None:
    for settings in (SETTINGS, ClusterSettings(image="i")):
        intent = make_network_policy(POOL, settings)
        stored = copy.deepcopy(intent)
        stored["spec"]["ingress"].append({})

        assert differs(intent, stored) == "spec.ingress"


def test_a_service_port_of_ours_is_looked_for_by_its_number() -> None:
    intent = make_service(POOL)
    stored = copy.deepcopy(intent)
    stored["spec"]["ports"].insert(0, {"name": "theirs", "port": 1, "protocol": "TCP", "targetPort": 1})

    assert differs(intent, stored) is None


def test_a_field_that_is_no_longer_wanted_is_a_difference_too() -> None:
    before = with_intent({"metadata": {"name": "a"}, "spec": {"kept": 1, "gone": 2}})
    after = with_intent({"metadata": {"name": "a"}, "spec": {"kept": 1}})

    assert differs(after, before) == "metadata.annotations.lmarenabridge.dev/intent"


def test_an_edit_of_the_pool_changes_its_file() -> None:
    before = make_config_map(only_revision(make_pool()))
    after = make_config_map(only_revision(make_pool(retry={"attempts": 5})))

    assert before["metadata"]["name"] == after["metadata"]["name"]
    assert differs(after, before) is not None


texts = st.sampled_from(["", "a", "1Gi", "requests"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["spec", "data", "a", "b"]), values, max_size=4))
def test_nothing_differs_from_itself_or_from_itself_with_more_in_it(intent: Object) -> None:
    assert differs(intent, copy.deepcopy(intent)) is None
    assert differs(intent, copy.deepcopy(intent) | {"theirs": 1}) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1024Mi", "1Gi"),
        ("1000m", "1"),
        (0.5, "500m"),
        (2, "2"),
        ("1e3", "1k"),
        (".5", "500m"),
        ("1500M", "1.5G"),
    ],
)
def test_a_quantity_may_be_written_in_several_ways(one: object, other: object) -> None:
    assert parse_quantity(one) == parse_quantity(other) is not None


@pytest.mark.parametrize("text", ["", "1Xi", "abc", "1Gi2", None, [], {}])
def test_what_is_no_quantity_is_none(text: object) -> None:
    assert parse_quantity(text) is None
