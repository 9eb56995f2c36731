"""How instances leave and are replaced, and what to tell people about a pool."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from bridge_api.base import ClusterOnly, SpecModel


class Disruption(StrEnum):
    WHEN_IDLE = "WhenIdle"
    ALWAYS = "Always"


class DrainSpec(SpecModel):
    timeout_seconds: Annotated[StrictInt, Field(ge=1, le=7500)] = 960
    """Longest wait for running chats before an instance ends; at least `timeouts.totalSeconds`, so that no chat is cut. In a cluster an edit takes new pods: a pod's grace is fixed."""

    disruption: Annotated[Disruption, ClusterOnly()] = Disruption.WHEN_IDLE
    """`WhenIdle` keeps nodes from evicting busy pods; `Always` lets them."""


class RolloutSpec(SpecModel):
    max_surge: Annotated[StrictInt, Field(ge=1, le=100)] = 1
    """Instances that may be there beyond the wanted number while a revision replaces another; those that end do not count."""

    partition: Annotated[StrictInt, Field(ge=0, le=1000)] = 0
    """Instances that stay on the old revision."""

    paused: StrictBool = False
    """Hold the rollout where it is; the number of instances is kept all the same."""

    progress_deadline_seconds: Annotated[StrictInt, Field(ge=1, le=86400), ClusterOnly()] = 300
    """Seconds without progress after which the old revision comes back."""


class AlertSpec(SpecModel):
    """A rule that tells people about a pool."""

    name: Annotated[str, Field(min_length=1, max_length=63)]
    """What the alert is called."""

    expression: Annotated[str, Field(min_length=1, max_length=1024)]
    """The condition."""

    for_seconds: Annotated[StrictInt, Field(ge=0, le=86400)] = 0
    """Seconds that it must hold."""
