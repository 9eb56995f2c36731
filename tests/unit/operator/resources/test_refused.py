"""What a cluster cannot do of a pool is told in words that say what would be right."""

from typing import Any

import pytest

from bridge_api.pool import BridgeInstancePool
from bridge_operator.resources.refused import read_pool
from tests.unit.operator.resources.pools import SITE, raw_pool


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"browser": {"mode": "headed"}}, "spec.browser.mode: headed shows windows"),
        ({"site": {**SITE, "mode": "battle"}}, "spec.site.mode: adapter arena has no mode battle"),
        ({"site": {**SITE, "adapter": "webchat"}}, "spec.site.adapter: no adapter 'webchat'"),
        ({"site": {**SITE, "settings": {"selectorz": {}}}}, "spec.site.settings.selectorz: "),
        ({"browser": {"extraArgs": ["--no-sandbox"]}}, "--no-sandbox weakens"),
        (
            {"template": {"labels": {"lmarenabridge.dev/busy": "false"}}},
            "spec.template.labels: lmarenabridge.dev/busy belongs to the operator",
        ),
        (
            {"template": {"labels": {"app.kubernetes.io/name": "mine"}}},
            "spec.template.labels: app.kubernetes.io/name belongs",
        ),
        (
            {"template": {"annotations": {"controller.kubernetes.io/pod-deletion-cost": "1"}}},
            "spec.template.annotations: controller.kubernetes.io/pod-deletion-cost belongs",
        ),
        (
            {"template": {"env": [{"name": "BRIDGE_TOKEN_FILE", "value": "/x"}]}},
            "spec.template.env: BRIDGE_TOKEN_FILE belongs",
        ),
    ],
)
def test_a_setting_that_cannot_be_carried_out_is_told(spec: dict[str, Any], told: str) -> None:
    answer = read_pool(raw_pool(**spec))

    assert isinstance(answer, str)
    assert told in answer


def test_every_mistake_is_told_at_once() -> None:
    answer = read_pool(raw_pool(browser={"mode": "headed"}, loadBalancing={"strategy": "Psychic"}))

    assert isinstance(answer, str)
    assert "spec.browser.mode" in answer
    assert "spec.loadBalancing.strategy" in answer


def test_labels_and_variables_of_ones_own_are_fine() -> None:
    template = {
        "labels": {"app.kubernetes.io/part-of": "chats"},
        "env": [{"name": "BRIDGE_LOG_LEVEL", "value": "debug"}],
    }

    assert isinstance(read_pool(raw_pool(template=template)), BridgeInstancePool)


def test_a_name_too_long_for_its_children_is_told() -> None:
    answer = read_pool(raw_pool(name="a" * 41))

    assert isinstance(answer, str)
    assert answer.startswith("metadata.name: ")
