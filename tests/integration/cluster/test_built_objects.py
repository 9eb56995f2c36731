"""What the operator builds, on a real API server: it is taken as it is, in a restricted namespace, and found as intended."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge_operator.events.budget import Telling
from bridge_operator.events.event import make_event, make_repeat
from bridge_operator.events.happening import EventType, Happening
from bridge_operator.resources.children import make_children
from bridge_operator.resources.config_map import make_config_map
from bridge_operator.resources.deployment import make_deployment
from bridge_operator.resources.differences import differs
from bridge_operator.resources.objects import Object
from bridge_operator.resources.refused import read_pool
from bridge_operator.resources.revision import current_revisions
from bridge_operator.resources.settings import ClusterSettings, Peer
from bridge_operator.status.facts import PoolFacts
from bridge_operator.status.pool_status import make_status, same_status
from bridge_operator.status.reasons import Trouble
from tests.support.cluster.api import Api, ApiError, open_api, path_of
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.crd import pools_path
from tests.support.cluster.namespaces import grant

RULES = Path(__file__).parents[3] / "charts" / "lmarena-bridge" / "files" / "operator-rules.yaml"
MANAGER = "bip-operator"
PLURALS = {
    "ServiceAccount": "serviceaccounts",
    "Secret": "secrets",
    "NetworkPolicy": "networkpolicies",
    "Service": "services",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "ConfigMap": "configmaps",
    "Deployment": "deployments",
}
SETTINGS = ClusterSettings(
    image="example.org/browser-pod:1",
    image_pull_secrets=("registry",),
    api_peers=(Peer({"app.kubernetes.io/component": "router"}, {"kubernetes.io/metadata.name": "bridge"}),),
)
PLAIN: dict[str, Any] = {"site": {"adapter": "arena", "url": "https://chat.example.org"}}
RICH: dict[str, Any] = {
    **PLAIN,
    "slots": 2,
    "browser": {"mode": "headless", "sandbox": "Disabled", "locale": "de-DE"},
    "models": {"aliases": {"small": "model-a"}},
    "profiles": [{"name": "home", "proxySecret": "proxy-home", "maxInstances": 2}, {"name": "office"}],
    "template": {
        "resources": {
            "requests": {"cpu": "0.5", "memory": "1024Mi"},
            "limits": {"cpu": "2000m", "memory": "2.5Gi"},
        },
        "nodeSelector": {"disk": "fast"},
        "tolerations": [{"key": "chats", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 1,
                        "podAffinityTerm": {"topologyKey": "zone", "labelSelector": {"matchLabels": {}}},
                    }
                ]
            }
        },
        "env": [
            {"name": "EMPTY", "value": ""},
            {
                "name": "FROM",
                "valueFrom": {"secretKeyRef": {"name": "keys", "key": "a", "optional": True}},
            },
        ],
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
        ],
        "imagePullSecrets": [{"name": "own"}],
        "annotations": {"team": "chats"},
        "labels": {"team": "chats"},
    },
}


@pytest.fixture
async def restricted(api: Api, namespace: str) -> str:
    """A namespace that takes only pods without any right."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    await api.patch(path_of("v1", "namespaces", name=namespace), {"metadata": {"labels": labels}})
    return namespace


async def stored_pool(api: Api, namespace: str, spec: dict[str, Any]) -> Object:
    pool = {
        "apiVersion": "lmarenabridge.dev/v1alpha1",
        "kind": "BridgeInstancePool",
        "metadata": {"name": "demo", "namespace": namespace},
        "spec": spec,
    }
    return await api.create(pools_path(namespace), pool)


def built(raw: Object, namespace: str) -> list[Object]:
    pool = read_pool(raw)
    assert not isinstance(pool, str), pool
    made = make_children(pool, SETTINGS, "the-token")
    for revision in current_revisions(pool, SETTINGS):
        made += [make_config_map(revision), make_deployment(revision, SETTINGS, replicas=0, paused=False)]
        made.append(make_deployment(revision, SETTINGS, replicas=0, paused=True))
    return made


def path_of_object(made: Object) -> str:
    metadata = made["metadata"]
    return path_of(made["apiVersion"], PLURALS[made["kind"]], metadata["namespace"], metadata["name"])


@pytest.mark.parametrize("spec", [PLAIN, RICH], ids=["plain", "rich"])
async def test_every_object_is_found_as_it_was_intended(
    api: Api, restricted: str, spec: dict[str, Any]
) -> None:
    for made in built(await stored_pool(api, restricted, spec), restricted):
        path = path_of_object(made)

        await api.apply(path, made, MANAGER)

        assert differs(made, await api.get(path)) is None, made["kind"]


@pytest.mark.parametrize("spec", [PLAIN, RICH], ids=["plain", "rich"])
async def test_a_second_apply_writes_nothing(api: Api, restricted: str, spec: dict[str, Any]) -> None:
    for made in built(await stored_pool(api, restricted, spec), restricted):
        path = path_of_object(made)
        first = await api.apply(path, made, MANAGER)

        again = await api.apply(path, made, MANAGER)

        if made["kind"] not in (
            "Deployment",
            "PodDisruptionBudget",
        ):  # controllers write their status meanwhile
            assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"], made["kind"]
        assert again["metadata"].get("generation") == first["metadata"].get("generation"), made["kind"]


@pytest.mark.parametrize("spec", [PLAIN, RICH], ids=["plain", "rich"])
async def test_a_restricted_namespace_takes_the_pods(api: Api, restricted: str, spec: dict[str, Any]) -> None:
    deployments = [
        one
        for one in built(await stored_pool(api, restricted, spec), restricted)
        if one["kind"] == "Deployment"
    ]

    for made in deployments:
        template = made["spec"]["template"]
        pod = {**template, "metadata": {**template["metadata"], "generateName": "demo-"}}
        taken = await api.create(path_of("v1", "pods", restricted), pod, dryRun="All")
        assert taken["spec"]["securityContext"]["runAsNonRoot"] is True


async def test_a_status_is_kept_as_it_was_written_and_a_second_one_writes_nothing(
    api: Api, restricted: str
) -> None:
    raw = await stored_pool(api, restricted, PLAIN)
    trouble = Trouble("SiteUnreachable", "net::ERR_NAME_NOT_RESOLVED", "demo-a-1")
    facts = PoolFacts(wanted=2, replicas=2, ready=1, models=("b", "a"), troubles=(trouble,))
    pool = read_pool(raw)
    assert not isinstance(pool, str)

    path = f"{pools_path(restricted)}/demo/status"
    body = {key: raw[key] for key in ("apiVersion", "kind")} | {
        "metadata": {"name": "demo"},
        "status": make_status(raw, pool.spec, facts, "2026-11-24T10:00:00Z"),
    }
    first = await api.apply(path, body, "bip-status")
    body["status"] = make_status(first, pool.spec, facts, "2026-11-24T11:00:00Z")
    again = await api.apply(path, body, "bip-status")

    assert same_status(first["status"], body["status"])
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


async def test_an_event_is_taken_and_counted_up(api: Api, restricted: str) -> None:
    raw = await stored_pool(api, restricted, PLAIN)
    happening = Happening(EventType.WARNING, "SiteUnreachable", "demo-a-1: net::ERR_NAME_NOT_RESOLVED")
    telling = Telling(happening, 1, 0.0, is_new=True)
    now = "2026-11-24T10:00:00.000000Z"
    path = path_of("events.k8s.io/v1", "events", restricted)

    made = await api.create(path, make_event(raw, telling, reporter="operator-1", now=now))
    again = await api.patch(
        f"{path}/{made['metadata']['name']}", make_repeat(telling._replace(times=3), now=now)
    )

    assert again["series"]["count"] == 3
    assert again["regarding"]["name"] == "demo"


async def test_the_operators_rights_are_enough_to_make_them_and_do_not_reach_the_token(
    api: Api, control_plane: ControlPlane, restricted: str
) -> None:
    raw = await stored_pool(api, restricted, PLAIN)
    await grant(api, "operator", restricted, yaml.safe_load(RULES.read_text()))

    async with open_api(control_plane.access("operator")) as operator:
        for made in built(raw, restricted):
            await operator.apply(path_of_object(made), made, MANAGER)
        with pytest.raises(ApiError, match="forbidden"):
            await operator.items(path_of("v1", "secrets", restricted))
