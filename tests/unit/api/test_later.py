"""Fields that are kept but not acted upon are named plainly; choices that cannot be carried out keep a pool from starting."""

from bridge_api.later import cluster_only_fields, unsupported_choices, unused_fields
from bridge_api.spec import PoolSpec

SITE = {"adapter": "arena", "url": "http://127.0.0.1:5105"}


def spec(**fields: object) -> PoolSpec:
    return PoolSpec.model_validate({"site": SITE, **fields})


def test_a_spec_without_later_fields_has_nothing_to_tell() -> None:
    assert unused_fields(spec(slots=2, autoscaling={"minInstances": 2})) == []


def test_each_field_that_has_no_effect_yet_is_named_by_its_path() -> None:
    told = unused_fields(
        spec(health={"checks": []}, autoscaling={"minInstances": 1}, alerts=[], rollout={"maxSurge": 2})
    )

    assert [path for path, _ in told] == ["spec.alerts", "spec.health.checks"]


def test_a_field_that_means_something_in_a_cluster_only_is_another_matter() -> None:
    given = spec(image="example/pod:1", template={"labels": {"a": "b"}}, drain={"disruption": "Always"})

    assert unused_fields(given) == []
    assert cluster_only_fields(given) == ["spec.drain.disruption", "spec.image", "spec.template"]
    assert cluster_only_fields(spec()) == []


def test_a_default_that_nobody_wrote_is_not_named() -> None:
    assert unused_fields(spec()) == []


def test_a_mode_that_the_adapter_lacks_keeps_the_pool_from_starting() -> None:
    (choice,) = unsupported_choices(spec(site={**SITE, "mode": "battle"}))

    assert choice == ("spec.site.mode", "adapter arena has no mode battle yet; it has: direct")


def test_a_strategy_or_adapter_that_is_not_there_keeps_the_pool_from_starting() -> None:
    paths = [
        path
        for path, _ in unsupported_choices(
            spec(site={**SITE, "adapter": "webchat"}, loadBalancing={"strategy": "Psychic"})
        )
    ]

    assert paths == ["spec.site.adapter", "spec.loadBalancing.strategy"]


def test_a_field_of_an_item_in_a_list_is_named_by_its_place() -> None:
    told = unused_fields(
        spec(profiles=[{"name": "a", "proxySecret": "p"}, {"name": "b", "identitySecret": "i"}])
    )

    assert told == [("spec.profiles[1].identitySecret", "identities")]
