"""The status of a `BridgeInstancePool`: counts and conditions, nothing that changes many times a second."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from bridge_api.base import SpecModel


class ConditionType(StrEnum):
    READY = "Ready"
    PROGRESSING = "Progressing"
    DEGRADED = "Degraded"
    SCALING_ACTIVE = "ScalingActive"
    SCALING_LIMITED = "ScalingLimited"
    DRAINING = "Draining"
    NEEDS_HUMAN = "NeedsHuman"


class Condition(SpecModel):
    """One condition, as in the Kubernetes API conventions (`metav1.Condition`)."""

    type: ConditionType
    """What it is about."""

    status: Annotated[str, Field(pattern="^(True|False|Unknown)$")]
    """Whether it holds."""

    reason: Annotated[
        str, Field(min_length=1, max_length=1024, pattern=r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
    ]
    """Why, as one word for programs."""

    message: Annotated[str, Field(max_length=32768)] = ""
    """Why, and what to do, for a person."""

    last_transition_time: Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    """When `status` last changed (RFC 3339)."""

    observed_generation: Annotated[int | None, Field(ge=0)] = None
    """The generation of the spec that this was seen for."""


class PoolStatus(SpecModel):
    """The pool as the operator saw it last."""

    observed_generation: Annotated[int | None, Field(ge=0)] = None
    """The generation of the spec that the rest was seen for."""

    replicas: Annotated[int, Field(ge=0)] = 0
    """Instances that are there, ready or not."""

    ready_instances: Annotated[int, Field(ge=0)] = 0
    """Instances with at least one slot that is ready or busy."""

    desired_instances: Annotated[int, Field(ge=0)] = 0
    """Instances that are wanted now."""

    selector: str | None = None
    """Label selector of the instances, for the scale subresource."""

    template_hash: str | None = None
    """Hash of what needs a new pod when it changes."""

    models: list[str] = []
    """Names of the models that are offered."""

    conditions: Annotated[
        list[Condition],
        Field(json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}),
    ] = []
    """What can be said of the pool."""
