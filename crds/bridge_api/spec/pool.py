"""The whole spec of a pool."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from bridge_api.base import CelRule, ClusterOnly, NotYet, SpecModel
from bridge_api.spec.browser import BrowserSpec, TemplateSpec
from bridge_api.spec.rollout import AlertSpec, DrainSpec, RolloutSpec
from bridge_api.spec.scaling import AutoscalingSpec
from bridge_api.spec.serving import HealthSpec, QueueSpec, RetrySpec, SessionsSpec, TimeoutsSpec
from bridge_api.spec.site import ProfileSpec, SiteSpec


class Strategy(StrEnum):
    """The strategies of this repository; others are entry points of group `bridge.strategies`."""

    LEAST_BUSY = "LeastBusy"
    ROUND_ROBIN = "RoundRobin"
    RESPONSE_TIME = "ResponseTime"
    RANDOM = "Random"
    WEIGHTED_ROUND_ROBIN = "WeightedRoundRobin"


class Affinity(StrEnum):
    CONVERSATION = "Conversation"
    NONE = "None"


class ModelsSpec(SpecModel):
    include: Annotated[list[str], Field(min_length=1)] = ["*"]
    """Which of the site's models the pool offers: shell patterns."""

    aliases: dict[str, str] = {}
    """A name of yours → the site's name."""

    default: str | None = None
    """The model of a request that names none. Unset: such a request is refused."""


class LoadBalancingSpec(SpecModel):
    strategy: Annotated[str, Field(min_length=1, max_length=63)] = Strategy.LEAST_BUSY.value
    """How an instance is picked: `LeastBusy` or `RoundRobin`; `ResponseTime`, `Random`, `WeightedRoundRobin` and entry points of group `bridge.strategies` come later."""

    affinity: Affinity = Affinity.CONVERSATION
    """`Conversation` sends a follow-up to the page that holds the chat; `None` always opens a new chat."""


class PoolSpec(SpecModel):
    """The pool as it is wanted."""

    cel_rules = (
        CelRule(
            "self.drain.timeoutSeconds >= self.timeouts.totalSeconds",
            "drain.timeoutSeconds must be at least timeouts.totalSeconds, or a drain would cut a chat",
        ),
    )

    site: SiteSpec
    """Which chat site, and how."""

    models: ModelsSpec = Field(default_factory=ModelsSpec)
    """Which models are offered, and under which names."""

    slots: Annotated[StrictInt, Field(ge=1, le=16)] = 4
    """Chats at a time in one instance. Each is an isolated context; more share a browser's fixed cost, and are lost with it."""

    replicas: Annotated[StrictInt | None, Field(ge=0, le=1000)] = None
    """Wanted instances where `autoscaling.mode` is `External` or `Off`; what `kubectl scale`, HPA and KEDA write."""

    autoscaling: AutoscalingSpec = AutoscalingSpec()
    """How many instances."""

    load_balancing: LoadBalancingSpec = LoadBalancingSpec()
    """Which instance gets a request."""

    queue: QueueSpec = Field(default_factory=QueueSpec)
    """How requests wait."""

    timeouts: TimeoutsSpec = TimeoutsSpec()
    """Deadlines of one chat."""

    retry: RetrySpec = RetrySpec()
    """How often a request that has shown nothing yet is tried again."""

    health: HealthSpec = HealthSpec()
    """How instances are looked after."""

    browser: BrowserSpec = BrowserSpec()
    """Which browser, and how."""

    sessions: SessionsSpec = SessionsSpec()
    """When a slot gets a fresh context."""

    profiles: Annotated[
        list[ProfileSpec],
        Field(json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}),
    ] = []
    """Egresses and accounts. Each instance has one: that with the fewest instances which may have one more. Empty: one unnamed profile without either."""

    drain: DrainSpec = DrainSpec()
    """How an instance leaves."""

    rollout: RolloutSpec = RolloutSpec()
    """How a new revision replaces the old one."""

    alerts: Annotated[list[AlertSpec], NotYet("alerts")] = []
    """Rules that tell people about this pool."""

    paused: StrictBool = False
    """Hands off: nothing is started, stopped or scaled."""

    image: Annotated[str | None, Field(min_length=1), ClusterOnly()] = None
    """The browser pod's image. Unset: the chart's."""

    template: Annotated[TemplateSpec, ClusterOnly()] = TemplateSpec()
    """Settings of the pods."""

    @model_validator(mode="after")
    def _profiles_are_told_apart(self) -> Self:
        names = [profile.name for profile in self.profiles]
        twins = sorted({name for name in names if names.count(name) > 1})
        if twins:
            raise ValueError(f"profiles: each needs a name of its own, and {', '.join(twins)} is there twice")
        return self

    @model_validator(mode="after")
    def _a_drain_outlasts_a_chat(self) -> Self:
        if self.drain.timeout_seconds < self.timeouts.total_seconds:
            raise ValueError(
                f"drain.timeoutSeconds ({self.drain.timeout_seconds}) must be at least timeouts.totalSeconds "
                f"({self.timeouts.total_seconds}), or a drain would cut a chat"
            )
        return self
