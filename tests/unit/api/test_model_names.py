"""Which model a name means."""

import pytest

from bridge_api.model_names import offered, site_name
from bridge_api.spec import ModelsSpec

MODELS = ModelsSpec(
    include=["gpt-*", "claude"], aliases={"fast": "gpt-mini", "lost": "gone"}, default="claude"
)


def test_a_pool_offers_what_it_includes_and_the_aliases_that_lead_there() -> None:
    assert offered(MODELS, ["gpt-mini", "claude", "llama"]) == ["gpt-mini", "claude", "fast"]


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        pytest.param("gpt-mini", "gpt-mini", id="by-name"),
        pytest.param("fast", "gpt-mini", id="by-alias"),
        pytest.param("demo/fast", "gpt-mini", id="pool-and-alias"),
        pytest.param("team-a/demo/fast", "gpt-mini", id="namespace-pool-and-alias"),
        pytest.param("team-b/demo/fast", "team-b/demo/fast", id="another-namespace-is-not-ours"),
        pytest.param("team-a/demo/demo/fast", "demo/fast", id="a-pool-stands-once"),
        pytest.param("other/fast", "other/fast", id="another-pool-is-not-ours"),
        pytest.param(None, "claude", id="default"),
    ],
)
def test_a_requested_name_leads_to_the_sites_name(requested: str | None, expected: str) -> None:
    assert site_name(MODELS, requested, "team-a/demo") == expected


def test_without_a_default_a_request_without_a_name_means_nothing() -> None:
    assert site_name(ModelsSpec(), None, "team-a/demo") is None
