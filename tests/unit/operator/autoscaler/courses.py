"""Courses of decisions: a pool whose every decision is carried out at once."""

from collections.abc import Mapping
from typing import Any

from bridge_api.spec.pool import PoolSpec
from bridge_operator.autoscaler import Decision, Load, Memory, decide

SITE = {"adapter": "arena", "url": "http://127.0.0.1:1"}
SPEEDY = {"scaleUp": {"policies": [{"type": "Percent", "value": 10_000, "periodSeconds": 1}]}}


def make_spec(*, slots: int = 1, top: Mapping[str, Any] | None = None, **autoscaling: Any) -> PoolSpec:
    scaling = {"minInstances": 1, "maxInstances": 100, **autoscaling}
    return PoolSpec.model_validate({"site": SITE, "slots": slots, "autoscaling": scaling, **(top or {})})


class Course:
    """A pool whose decisions are carried out at once."""

    def __init__(self, spec: PoolSpec, current: int) -> None:
        self.spec = spec
        self.current = current
        self.memory = Memory.begin(current, now=0.0)
        self.now = 0.0

    def at(self, now: float, load: Load | None) -> Decision:
        self.now = now
        decision, self.memory = decide(self.spec, load, self.memory, current=self.current, now=now)
        self.current = decision.value
        return decision

    def number_at(self, now: float, busy: int) -> int:
        return self.at(now, Load(busy=busy)).value

    def numbers(self, busy: int, times: list[float]) -> list[int]:
        return [self.number_at(now, busy) for now in times]
