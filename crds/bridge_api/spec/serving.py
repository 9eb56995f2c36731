"""How a pool serves requests: waiting, deadlines, retries, health."""

from typing import Annotated

from pydantic import Field, StrictInt

from bridge_api.base import NotYet, SpecModel


class QueueSpec(SpecModel):
    max_pending: Annotated[StrictInt, Field(ge=0, le=100_000)] = 100
    """Requests that may wait in one router; the next one gets 429 `queue_full`."""

    timeout_seconds: Annotated[StrictInt, Field(ge=1, le=3600)] = 120
    """Longest wait for a slot while instances are there; then 504 `queue_timeout`."""

    cold_start_timeout_seconds: Annotated[StrictInt, Field(ge=1, le=3600)] = 300
    """Longest wait while no instance is ready: a browser has to start first."""

    keep_alive_seconds: Annotated[StrictInt, Field(ge=1, le=300)] = 15
    """A waiting stream gets a `: ping` comment this often, because proxies cut silent connections, often after 60 s."""

    priority_classes: Annotated[dict[str, StrictInt], NotYet("fair queueing")] = {}
    """Name of a class of keys → its weight. Empty: one class."""


class TimeoutsSpec(SpecModel):
    first_token_seconds: Annotated[StrictInt, Field(ge=1, le=3600)] = 60
    """Longest silence before the first token; the site's heartbeats count as life."""

    idle_seconds: Annotated[StrictInt, Field(ge=1, le=3600)] = 60
    """Longest silence between two records of the site once the answer runs."""

    total_seconds: Annotated[StrictInt, Field(ge=1, le=7200)] = 900
    """Longest chat, from the message's sending to the answer's end: the longest answers of reasoning models fit in."""


class RetrySpec(SpecModel):
    attempts: Annotated[StrictInt, Field(ge=1, le=10)] = 3
    """Instances tried for one request, before its first content; silence is retried once."""


class HealthCheckSpec(SpecModel):
    name: Annotated[str, Field(min_length=1, max_length=63)]
    """The check: an entry point of group `bridge.health_checks`."""


class HealthSpec(SpecModel):
    interval_seconds: Annotated[StrictInt, Field(ge=1, le=3600)] = 10
    """How often an instance looks at its idle and its blocked pages, and judges itself."""

    failure_threshold: Annotated[StrictInt, Field(ge=1, le=100)] = 3
    """Intervals in a row with failures of its own, after which an instance is replaced: never for what the site does, for a limit or for a wait for a person."""

    checks: Annotated[list[HealthCheckSpec], NotYet("custom health checks")] = []
    """More checks, run in the pod."""


class SessionsSpec(SpecModel):
    max_requests: Annotated[StrictInt, Field(ge=1, le=100_000)] = 200
    """Chats after which a slot gets a fresh context: pages grow with use."""

    max_age_seconds: Annotated[StrictInt, Field(ge=60, le=604_800)] = 21600
    """Age in seconds after which a slot gets a fresh context."""
