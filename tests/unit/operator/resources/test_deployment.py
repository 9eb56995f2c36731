"""The Deployment of a revision: what its pods run, how they are guarded, where they may be, and what makes them others."""

from typing import Any

import pytest

from bridge_api import names
from bridge_api.spec import PoolSpec
from bridge_operator.resources.deployment import make_deployment, revision_selector
from bridge_operator.resources.revision import current_revisions, revision_hash
from bridge_operator.resources.settings import ClusterSettings
from bridge_operator.resources.sizes import default_resources
from tests.unit.operator.resources.pools import SETTINGS, SITE, make_pool, only_revision


def deployment(*, replicas: int | None = None, settings: ClusterSettings = SETTINGS, **spec: Any) -> Any:
    return make_deployment(
        only_revision(make_pool(**spec), settings), settings, replicas=replicas, paused=False
    )


def pod(*, settings: ClusterSettings = SETTINGS, **spec: Any) -> Any:
    return deployment(settings=settings, **spec)["spec"]["template"]["spec"]


def container(**spec: Any) -> Any:
    (only,) = pod(**spec)["containers"]
    return only


def environment(**spec: Any) -> dict[str, Any]:
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container(**spec)["env"]}


def test_replicas_are_said_at_the_creation_and_never_again() -> None:
    assert deployment(replicas=2)["spec"]["replicas"] == 2
    assert "replicas" not in deployment()["spec"]


def test_a_pod_is_found_by_its_pool_its_profile_and_its_revision() -> None:
    pool = make_pool()
    made = deployment()

    selector = made["spec"]["selector"]["matchLabels"]
    assert selector == revision_selector(only_revision(pool))
    assert selector.items() <= made["spec"]["template"]["metadata"]["labels"].items()
    assert selector[names.POOL_LABEL] == "demo"
    assert selector[names.POOL_UID_LABEL] == pool.metadata.uid


def test_the_pool_owns_it() -> None:
    (owner,) = deployment()["metadata"]["ownerReferences"]

    assert (owner["kind"], owner["uid"], owner["controller"]) == (
        "BridgeInstancePool",
        make_pool().metadata.uid,
        True,
    )


def test_a_container_has_no_right_that_it_does_not_need() -> None:
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    made = pod()
    assert made["securityContext"]["runAsNonRoot"] is True
    assert made["automountServiceAccountToken"] is False


def test_an_instance_that_hangs_does_not_get_the_grace_of_one_that_drains() -> None:
    probes = container()

    assert pod(drain={"timeoutSeconds": 960})["terminationGracePeriodSeconds"] == 1020
    for ending in ("startupProbe", "livenessProbe"):
        assert probes[ending]["terminationGracePeriodSeconds"] == 30
    assert "terminationGracePeriodSeconds" not in probes["readinessProbe"], "the API server refuses it there"


@pytest.mark.parametrize(
    ("sandbox", "profile", "expected"),
    [
        (
            "Required",
            "profiles/ours.json",
            {"type": "Localhost", "localhostProfile": "profiles/ours.json"},
        ),
        ("Required", "RuntimeDefault", {"type": "RuntimeDefault"}),
        ("Disabled", "profiles/ours.json", {"type": "RuntimeDefault"}),
    ],
)
def test_only_a_wanted_sandbox_gets_the_wider_seccomp_profile(
    sandbox: str, profile: str, expected: dict[str, str]
) -> None:
    settings = ClusterSettings(image="i", seccomp_profile=profile)

    made = pod(settings=settings, browser={"sandbox": sandbox})

    assert made["securityContext"]["seccompProfile"] == expected


def test_the_pod_is_told_what_it_is_and_where_its_files_are() -> None:
    told = environment()
    mounts = {one["mountPath"] for one in container()["volumeMounts"]}

    assert told["BRIDGE_INSTANCE"]["fieldRef"]["fieldPath"] == "metadata.name"
    assert told["BRIDGE_HOST"] == "0.0.0.0"
    assert told["BRIDGE_POOL_FILE"].rpartition("/")[0] in mounts
    assert told["BRIDGE_TOKEN_FILE"].rpartition("/")[0] in mounts
    assert not {"BRIDGE_PROFILE", "BRIDGE_PROXY_DIR"} & told.keys()


def test_a_missing_proxy_does_not_keep_the_pod_from_saying_so() -> None:
    profiles = [{"name": "home", "proxySecret": "proxy-home"}]
    (proxy,) = [one for one in pod(profiles=profiles)["volumes"] if one["name"] == "proxy"]

    assert proxy["secret"]["secretName"] == "proxy-home"
    assert proxy["secret"]["optional"] is True
    assert environment(profiles=profiles)["BRIDGE_PROFILE"] == "home"
    assert environment(profiles=profiles)["BRIDGE_PROXY_DIR"] in {
        one["mountPath"] for one in container(profiles=profiles)["volumeMounts"]
    }


def test_a_pod_has_the_time_to_finish_its_chats() -> None:
    drain = {"timeoutSeconds": 1200}

    assert pod(drain=drain)["terminationGracePeriodSeconds"] == 1260
    assert container(drain=drain)["lifecycle"]["preStop"]["exec"]["command"][-1] == "1200"


def test_a_service_of_an_unlucky_name_does_not_reach_the_environment() -> None:
    assert pod()["enableServiceLinks"] is False


def test_the_pools_template_goes_into_the_pod() -> None:
    template: dict[str, Any] = {
        "resources": {"requests": {"memory": "2Gi"}},
        "nodeSelector": {"disk": "fast"},
        "tolerations": [{"key": "chats", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "env": [{"name": "BRIDGE_LOG_LEVEL", "value": "debug"}],
        "priorityClassName": "high",
        "topologySpreadConstraints": [
            {"maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
        ],
        "runtimeClassName": "kata",
        "imagePullSecrets": [{"name": "registry"}],
        "annotations": {"team": "chats"},
        "labels": {"team": "chats"},
    }

    made = deployment(template=template, image="example.org/mine:2")["spec"]["template"]

    spec, (only,) = made["spec"], made["spec"]["containers"]
    taken = ("nodeSelector", "tolerations", "affinity", "priorityClassName", "topologySpreadConstraints")
    for field in (*taken, "runtimeClassName", "imagePullSecrets"):
        assert spec[field] == template[field], field
    assert only["resources"] == template["resources"]
    assert only["env"][-1] == template["env"][0]
    assert only["image"] == "example.org/mine:2"
    assert made["metadata"]["annotations"] == {"team": "chats", names.SAFE_TO_EVICT: "true"}
    assert made["metadata"]["labels"]["team"] == "chats"


def test_pods_spread_over_nodes_where_that_can_be() -> None:
    (spread,) = pod()["topologySpreadConstraints"]

    assert (spread["topologyKey"], spread["whenUnsatisfiable"]) == (
        "kubernetes.io/hostname",
        "ScheduleAnyway",
    )


def test_secrets_of_the_registry_come_from_the_settings_and_from_the_pool() -> None:
    settings = ClusterSettings(image="i", image_pull_secrets=("all", "both"))

    made = pod(settings=settings, template={"imagePullSecrets": [{"name": "both"}, {"name": "own"}]})

    assert made["imagePullSecrets"] == [{"name": "all"}, {"name": "both"}, {"name": "own"}]


@pytest.mark.parametrize(
    ("mode", "slots", "memory", "measured"), [("shell", 8, "896Mi", 616), ("headless", 4, "832Mi", 637)]
)
def test_more_memory_is_asked_for_than_was_measured(
    mode: str, slots: int, memory: str, measured: int
) -> None:
    spec = PoolSpec.model_validate({"site": SITE, "slots": slots, "browser": {"mode": mode}})

    resources = default_resources(spec)

    assert resources["requests"]["memory"] == memory
    assert int(memory.removesuffix("Mi")) > measured
    assert "cpu" not in resources["limits"]


@pytest.mark.parametrize(
    ("changed", "is_new"),
    [
        ({"slots": 2}, True),
        ({"image": "example.org/other:1"}, True),
        ({"template": {"nodeSelector": {"a": "b"}}}, True),
        ({"site": {**SITE, "url": "https://other.example.org"}}, True),
        ({"drain": {"timeoutSeconds": 1000}}, True),
        ({"timeouts": {"idleSeconds": 30}}, False),
        ({"autoscaling": {"maxInstances": 9}}, False),
        ({"replicas": 4}, False),
        ({"models": {"aliases": {"a": "b"}}}, False),
        ({"paused": True}, False),
    ],
)
def test_a_revision_is_new_where_its_pods_must_be(changed: dict[str, Any], is_new: bool) -> None:
    before = revision_hash(make_pool(), "", SETTINGS)

    assert (revision_hash(make_pool(**changed), "", SETTINGS) != before) is is_new


def test_another_default_image_is_another_revision() -> None:
    other = ClusterSettings(image="example.org/browser-pod:2")

    assert revision_hash(make_pool(), "", SETTINGS) != revision_hash(make_pool(), "", other)
    own = make_pool(image="example.org/mine:1")
    assert revision_hash(own, "", SETTINGS) == revision_hash(own, "", other)


def test_each_profile_has_a_revision() -> None:
    pool = make_pool(profiles=[{"name": "home"}, {"name": "office"}])

    revisions = current_revisions(pool, SETTINGS)

    assert [one.profile for one in revisions] == ["home", "office"]
    assert len({one.name for one in revisions}) == 2
