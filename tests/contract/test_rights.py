"""What the parts may do in a cluster: named one by one, and nobody reads a Secret."""

from pathlib import Path
from typing import Any

import pytest
import yaml

FILES = Path(__file__).parents[2] / "charts" / "lmarena-bridge" / "files"
RULES = sorted(FILES.glob("*-rules.yaml"))
READING = {"get", "list", "watch"}


def rules_of(file: Path) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = yaml.safe_load(file.read_text())
    return rules


def test_operator_and_router_have_rules() -> None:
    assert [file.name for file in RULES] == [
        "operator-own-namespace-rules.yaml",
        "operator-rules.yaml",
        "router-rules.yaml",
    ]


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_every_right_is_named(file: Path) -> None:
    for rule in rules_of(file):
        assert rule.keys() == {"apiGroups", "resources", "verbs"}
        assert all(rule.values())
        assert "*" not in {*rule["apiGroups"], *rule["resources"], *rule["verbs"]}


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_nobody_reads_secrets(file: Path) -> None:
    for rule in rules_of(file):
        assert "secrets" not in rule["resources"] or not READING & set(rule["verbs"])


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_no_right_is_given_twice(file: Path) -> None:
    rights = [
        (group, resource, verb)
        for rule in rules_of(file)
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]

    assert len(rights) == len(set(rights))


def test_the_router_changes_nothing() -> None:
    assert {verb for rule in rules_of(FILES / "router-rules.yaml") for verb in rule["verbs"]} <= READING
