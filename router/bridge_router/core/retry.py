"""What happens after a try has failed before its first content: another instance, the same wait again, or the end."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from bridge_api.errors import BridgeError, ErrorKind

MAX_REDISPATCHES = 10
"""Refusals for want of a slot that one request takes: they happen where several routers share the pods, or a pod has just changed."""


RETRY_SECONDS = 5.0
"""What a client is told to wait after so many refusals."""


class Origin(Enum):
    """How a failure showed itself."""

    CONNECTION = "connection"
    RESPONSE = "response"
    EVENT = "event"
    END = "end"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed try."""

    origin: Origin
    kind: ErrorKind
    message: str
    param: str | None = None
    retry_after_seconds: float | None = None
    status: int | None = None
    """The instance's own status, where it has answered."""

    body: bytes | None = None
    """The instance's own error body, which the client gets as it is."""

    final: bool = False
    """Whether the instance has said that another try would change nothing (`x-should-retry: false`)."""

    def error(self) -> BridgeError:
        return BridgeError(
            self.kind,
            self.message,
            param=self.param,
            retry_after_seconds=self.retry_after_seconds,
            final=self.final,
        )


def as_told(failure: Failure) -> Failure:
    """Return a last failure as a client is told it: `slots_full` and `cordoned` are words between pod and router."""
    match failure.kind:
        case ErrorKind.SLOTS_FULL:
            message = "Every slot was taken by others, time and again; try again later."
            return Failure(failure.origin, ErrorKind.QUEUE_FULL, message, retry_after_seconds=RETRY_SECONDS)
        case ErrorKind.CORDONED:
            message = "The instances asked take no new chats; see `bridge get instances`."
            return Failure(failure.origin, ErrorKind.NO_INSTANCE, message, retry_after_seconds=RETRY_SECONDS)
        case _:
            return failure


class Action(Enum):
    RETRY = "retry"
    """On another instance; it counts as a try."""

    REDISPATCH = "redispatch"
    """The instance had no slot: wait for the next one, uncounted."""

    GIVE_UP = "giveUp"


class Decision(NamedTuple):
    action: Action
    reason: str
    message: str


@dataclass(slots=True)
class Tries:
    """What one request has been through."""

    attempts: int = 0
    """Tries that were sent and not refused, the failed one included."""

    redispatches: int = 0
    silences: int = 0


_REFUSALS = frozenset({ErrorKind.SLOTS_FULL, ErrorKind.CORDONED, ErrorKind.DRAINING})
_FAILURES_OF_THE_INSTANCE = frozenset(
    {ErrorKind.SITE_ERROR, ErrorKind.EMPTY_ANSWER, ErrorKind.NO_INSTANCE, ErrorKind.INTERNAL}
)


def is_refusal(failure: Failure) -> bool:
    """Tell whether the instance took no slot for the request."""
    return failure.kind in _REFUSALS


def decide(failure: Failure, tries: Tries, *, max_attempts: int) -> Decision:
    """Decide after a failed try, `tries` including it."""
    if is_refusal(failure):
        return _after_refusal(failure, tries)
    if failure.final:
        return Decision(Action.GIVE_UP, "Final", f"the instance said not to retry after {failure.kind.label}")
    if failure.kind is ErrorKind.FIRST_TOKEN_TIMEOUT:
        return _after_silence(tries, max_attempts)
    if failure.kind not in _FAILURES_OF_THE_INSTANCE:
        return Decision(Action.GIVE_UP, "NotRetriable", f"{failure.kind.label} would be the same elsewhere")
    return _if_attempts_are_left(tries, max_attempts)


def _after_refusal(failure: Failure, tries: Tries) -> Decision:
    if tries.redispatches > MAX_REDISPATCHES:
        return Decision(
            Action.GIVE_UP,
            "TooManyRefusals",
            f"refused {tries.redispatches} times, last {failure.kind.label}",
        )
    return Decision(Action.REDISPATCH, "Refused", f"the instance said {failure.kind.label}")


def _after_silence(tries: Tries, max_attempts: int) -> Decision:
    if tries.silences > 1:
        return Decision(Action.GIVE_UP, "SilentTwice", "silence is retried once")
    return _if_attempts_are_left(tries, max_attempts)


def _if_attempts_are_left(tries: Tries, max_attempts: int) -> Decision:
    if tries.attempts >= max_attempts:
        return Decision(Action.GIVE_UP, "AttemptsUsedUp", f"{tries.attempts} of {max_attempts} tries failed")
    return Decision(Action.RETRY, "AttemptsLeft", f"try {tries.attempts} of {max_attempts} failed")
