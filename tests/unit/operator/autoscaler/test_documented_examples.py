"""The examples of docs/scaling.md, computed there by hand, are what the autoscaler decides."""

import re
from pathlib import Path
from typing import Any

import pytest

from bridge_api.spec.pool import PoolSpec
from bridge_operator.autoscaler import Load, Memory, decide
from bridge_operator.autoscaler.recommend import recommend

DOCUMENT = (Path(__file__).parents[4] / "docs" / "scaling.md").read_text(encoding="utf-8")
SITE = {"adapter": "arena", "url": "http://127.0.0.1:1"}


def rows(first_heading: str) -> list[list[str]]:
    """Return the cells of the table that begins with a heading."""
    table = DOCUMENT.split(f"\n| {first_heading} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def make_spec(slots: int, **autoscaling: Any) -> PoolSpec:
    scaling = {"minInstances": 1, "maxInstances": 100, **autoscaling}
    return PoolSpec.model_validate({"site": SITE, "slots": slots, "autoscaling": scaling})


def behavior(text: str) -> dict[str, Any]:
    """Read `up: 4 Pods/60 s, 10 Percent/60 s, Min`."""
    if text == "default":
        return {}
    direction, rest = text.split(": ")
    policies = [
        {"type": kind, "value": int(value), "periodSeconds": int(seconds)}
        for value, kind, seconds in re.findall(r"(\d+) (Pods|Percent)/(\d+) s", rest)
    ]
    select = next((word for word in ("Min", "Disabled") if rest.endswith(word)), "Max")
    rules = {"policies": policies, "selectPolicy": select}
    window = {"stableWindowSeconds": 0} if direction == "down" else {}
    return {**window, "behavior": {f"scale{direction.capitalize()}": rules}}


def test_the_document_has_its_examples() -> None:
    assert len(rows("instances")) == 11
    assert len(rows("start")) == 9


@pytest.mark.parametrize("row", rows("instances"), ids=lambda row: "-".join(row[:3]))
def test_a_documented_wish(row: list[str]) -> None:
    instances, busy, waiting, wish, reason, computed = row

    step = recommend(make_spec(2), Load(busy=int(busy), pending=int(waiting)), current=int(instances))

    assert (step.value, step.reason) == (int(wish), reason), computed


@pytest.mark.parametrize("row", rows("start"), ids=lambda row: f"{row[0]}, {row[1]}")
def test_a_documented_course(row: list[str]) -> None:
    start, how, loads, numbers = row
    spec = make_spec(1, **behavior(how))
    current, memory = int(start), Memory.begin(int(start), now=0.0)
    course = []
    for second, busy in (map(int, load.split(": ")) for load in loads.split(", ")):
        decision, memory = decide(spec, Load(busy=busy), memory, current=current, now=float(second))
        current = decision.value
        course.append(current)

    assert course == [int(number) for number in numbers.split(", ")]
