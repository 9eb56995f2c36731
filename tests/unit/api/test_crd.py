"""The CRD is a structural schema that says what the models say."""

from collections.abc import Iterator
from typing import Any

from bridge_api.crd import make_crd
from bridge_api.pool import template_hash
from bridge_api.spec import PoolSpec
from bridge_api.spec.scaling import AutoscalingSpec

VERSION = make_crd()["spec"]["versions"][0]
SPEC = VERSION["schema"]["openAPIV3Schema"]["properties"]["spec"]
STATUS = VERSION["schema"]["openAPIV3Schema"]["properties"]["status"]


def nodes(schema: dict[str, Any], path: str = "spec") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}")
    for inner in ("items", "additionalProperties"):
        if isinstance(schema.get(inner), dict):
            yield from nodes(schema[inner], f"{path}.{inner}")


def test_every_node_has_a_type_and_none_of_what_structural_schemas_forbid() -> None:
    for path, node in nodes(SPEC):
        assert "type" in node or "x-kubernetes-int-or-string" in node, path
        assert not {"$ref", "anyOf", "oneOf", "const", "title", "$defs"} & node.keys(), path
        assert not ("properties" in node and "additionalProperties" in node), path


def test_every_field_says_what_it_means() -> None:
    assert [path for path, node in nodes(SPEC) if path.count(".") == 1 and "description" not in node] == []


def test_defaults_stand_in_the_schema_at_every_depth() -> None:
    autoscaling = SPEC["properties"]["autoscaling"]

    assert autoscaling["properties"]["behavior"]["default"] == {}
    assert autoscaling["properties"]["scaleUpAbovePercent"]["default"] == 80
    assert SPEC["properties"]["queue"]["properties"]["maxPending"]["default"] == 100


def test_the_default_of_an_object_with_rules_has_what_the_rules_look_at() -> None:
    default = SPEC["properties"]["autoscaling"]["default"]

    assert (default["minInstances"], default["maxInstances"]) == (1, 5)
    assert AutoscalingSpec.model_validate(default) == AutoscalingSpec()


def test_rules_between_fields_are_checked_by_kubernetes_too() -> None:
    rules = [rule["rule"] for rule in SPEC["x-kubernetes-validations"]]

    assert rules == ["self.drain.timeoutSeconds >= self.timeouts.totalSeconds"]
    assert len(SPEC["properties"]["autoscaling"]["x-kubernetes-validations"]) == 4


def test_conditions_and_profiles_are_list_maps() -> None:
    assert STATUS["properties"]["conditions"]["x-kubernetes-list-map-keys"] == ["type"]
    assert SPEC["properties"]["profiles"]["x-kubernetes-list-map-keys"] == ["name"]


def test_a_wide_listing_says_what_is_wrong_beside_what_still_serves() -> None:
    wide = [one["name"] for one in VERSION["additionalPrinterColumns"] if one.get("priority")]

    assert wide == ["Progressing", "Degraded"]


def test_the_scale_subresource_reads_and_writes_the_replica_fields() -> None:
    assert VERSION["subresources"]["scale"]["specReplicasPath"] == ".spec.replicas"
    assert "replicas" in SPEC["properties"]
    assert {"replicas", "selector"} <= STATUS["properties"].keys()


def test_the_template_hash_covers_what_needs_a_new_instance_and_nothing_else() -> None:
    site = {"adapter": "arena", "url": "http://127.0.0.1:1"}
    base = PoolSpec.model_validate({"site": site})

    assert template_hash(base) == template_hash(
        PoolSpec.model_validate({"site": site, "queue": {"maxPending": 5}})
    )
    assert template_hash(base) != template_hash(PoolSpec.model_validate({"site": site, "slots": 2}))


def test_the_template_hash_of_a_profile_covers_that_profile_and_no_other() -> None:
    site = {"adapter": "arena", "url": "http://127.0.0.1:5105"}

    def of_home(*profiles: dict[str, object]) -> str:
        return template_hash(PoolSpec.model_validate({"site": site, "profiles": profiles}), "home")

    home: dict[str, object] = {"name": "home", "proxySecret": "p"}
    assert of_home(home) == of_home(home | {"maxInstances": 2}, {"name": "office"})
    assert of_home(home) != of_home(home | {"proxySecret": "q"})
    assert of_home(home) != of_home()
