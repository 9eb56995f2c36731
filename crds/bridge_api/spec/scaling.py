"""How many instances a pool has, and how that changes."""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StrictInt, model_validator

from bridge_api.base import CelRule, SpecModel


class ScalingMode(StrEnum):
    LOAD = "Load"
    EXTERNAL = "External"
    OFF = "Off"


class PolicyType(StrEnum):
    PODS = "Pods"
    PERCENT = "Percent"


class SelectPolicy(StrEnum):
    MAX = "Max"
    MIN = "Min"
    DISABLED = "Disabled"


class ScalingPolicy(SpecModel):
    """One policy of a direction, as in HorizontalPodAutoscaler v2."""

    type: PolicyType
    """`Pods`: a number of instances. `Percent`: a share of the instances at the period's start."""

    value: Annotated[StrictInt, Field(ge=1)]
    """Instances, or percent."""

    period_seconds: Annotated[StrictInt, Field(ge=1, le=1800)]
    """The period over which `value` is the most that may change."""


class ScalingRules(SpecModel):
    """One direction of `behavior`, as in HorizontalPodAutoscaler v2."""

    stabilization_window_seconds: Annotated[StrictInt | None, Field(ge=0, le=3600)] = None
    """How long a wish must hold. Unset: the direction's default."""

    select_policy: SelectPolicy = SelectPolicy.MAX
    """Which policy wins where several apply; `Disabled` forbids this direction."""

    policies: list[ScalingPolicy] = []
    """What may change in which time. Empty: the direction's default."""


class ScalingBehavior(SpecModel):
    scale_up: ScalingRules = ScalingRules()
    """Default: the larger of 1 instance and 100 % in 15 s; from zero straight to the need."""

    scale_down: ScalingRules = ScalingRules()
    """Default: 1 instance in 60 s, so that a lull costs no sessions."""


class ResponseTimeTarget(SpecModel):
    p90_seconds: Annotated[StrictInt, Field(ge=1, le=600)]
    """One instance more while the 90th percentile of the time to the first token is above this."""


class AutoscalingSpec(SpecModel):
    cel_rules = (
        CelRule("self.minInstances <= self.maxInstances", "minInstances must not be above maxInstances"),
        CelRule(
            "!has(self.initialInstances) || "
            "(self.initialInstances >= self.minInstances && self.initialInstances <= self.maxInstances)",
            "initialInstances must lie between minInstances and maxInstances",
        ),
        CelRule(
            "self.scaleDownBelowPercent < self.scaleUpAbovePercent",
            "scaleDownBelowPercent must be below scaleUpAbovePercent",
        ),
        CelRule(
            "type(self.bufferSlots) == int ? self.bufferSlots >= 0 : self.bufferSlots.matches('^[0-9]+%$')",
            "bufferSlots must be a number from 0, or a percentage such as 20%",
        ),
    )

    mode: ScalingMode = ScalingMode.LOAD
    """Who decides: `Load` the autoscaler, `External` whoever writes `replicas`, `Off` a person."""

    initial_instances: Annotated[StrictInt | None, Field(ge=0, le=1000)] = None
    """Instances at the start. Unset: `minInstances`."""

    min_instances: Annotated[StrictInt, Field(ge=0, le=1000)] = 1
    """Never fewer. 0 lets an idle pool stop wholly: requests then wait while the first instance starts."""

    max_instances: Annotated[StrictInt, Field(ge=1, le=1000)] = 5
    """Never more: each instance costs the memory of a browser."""

    scale_up_above_percent: Annotated[StrictInt, Field(ge=1, le=100)] = 80
    """Percent of slots busy or asked for, above which instances are added at once; 80 leaves room while they start."""

    scale_down_below_percent: Annotated[StrictInt, Field(ge=0, le=99)] = 30
    """Percent of slots busy or asked for, below which one instance goes."""

    buffer_slots: Annotated[
        StrictInt | str, Field(json_schema_extra={"x-kubernetes-int-or-string": True})
    ] = 0
    """Free slots to keep: a number, or a percentage of the busy ones such as `20%`."""

    response_time: ResponseTimeTarget | None = None
    """Scale up on slow first tokens too. Unset: on utilisation alone."""

    stable_window_seconds: Annotated[StrictInt, Field(ge=0, le=3600)] = 60
    """Down only to the highest wish of this window, so that a short lull removes nothing."""

    behavior: ScalingBehavior = ScalingBehavior()
    """How fast each direction may go: shape and meaning of HorizontalPodAutoscaler v2."""

    idle_seconds_to_zero: Annotated[StrictInt, Field(ge=1, le=86400)] = 300
    """With `minInstances` 0: seconds without any request after which the last instance goes."""

    @model_validator(mode="after")
    def _counts_are_ordered(self) -> Self:
        if self.min_instances > self.max_instances:
            raise ValueError(
                f"minInstances ({self.min_instances}) must not be above maxInstances ({self.max_instances})"
            )
        initial = self.initial_instances
        if initial is not None and not self.min_instances <= initial <= self.max_instances:
            raise ValueError(
                f"initialInstances ({initial}) must lie between minInstances ({self.min_instances}) "
                f"and maxInstances ({self.max_instances})"
            )
        if self.scale_down_below_percent >= self.scale_up_above_percent:
            raise ValueError(
                f"scaleDownBelowPercent ({self.scale_down_below_percent}) must be below "
                f"scaleUpAbovePercent ({self.scale_up_above_percent})"
            )
        return self

    @model_validator(mode="after")
    def _buffer_is_a_count_or_a_percentage(self) -> Self:
        buffer = self.buffer_slots
        valid = buffer >= 0 if isinstance(buffer, int) else re.fullmatch("[0-9]+%", buffer) is not None
        if not valid:
            raise ValueError(f"bufferSlots ({buffer}) must be a number from 0, or a percentage such as 20%")
        return self
