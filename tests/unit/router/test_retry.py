"""What happens after a try has failed."""

import pytest

from bridge_api.errors import ErrorKind
from bridge_router.core.retry import MAX_REDISPATCHES, Action, Decision, Failure, Origin, Tries, decide


def after(
    kind: ErrorKind,
    *,
    attempts: int = 1,
    redispatches: int = 0,
    silences: int = 0,
    origin: Origin = Origin.RESPONSE,
    limit: int = 3,
    final: bool = False,
) -> Decision:
    tries = Tries(attempts=attempts, redispatches=redispatches, silences=silences)
    return decide(Failure(origin, kind, "why", final=final), tries, max_attempts=limit)


@pytest.mark.parametrize(
    "kind", [ErrorKind.SITE_ERROR, ErrorKind.EMPTY_ANSWER, ErrorKind.NO_INSTANCE, ErrorKind.INTERNAL]
)
def test_a_failure_of_the_instance_is_retried_while_tries_are_left(kind: ErrorKind) -> None:
    assert after(kind, attempts=2).action is Action.RETRY
    assert after(kind, attempts=3)[:2] == (Action.GIVE_UP, "AttemptsUsedUp")


@pytest.mark.parametrize(
    "kind",
    [
        ErrorKind.BAD_REQUEST,
        ErrorKind.CONTEXT_LENGTH_EXCEEDED,
        ErrorKind.CONTENT_POLICY_VIOLATION,
        ErrorKind.UNSUPPORTED_PARAMETER,
        ErrorKind.MODEL_NOT_FOUND,
        ErrorKind.REQUEST_TOO_LARGE,
        ErrorKind.SITE_RATE_LIMITED,
        ErrorKind.NEEDS_HUMAN,
        ErrorKind.TOTAL_TIMEOUT,
        ErrorKind.CLIENT_TOO_SLOW,
    ],
)
def test_what_would_be_the_same_elsewhere_is_not_retried(kind: ErrorKind) -> None:
    assert after(kind)[:2] == (Action.GIVE_UP, "NotRetriable")


@pytest.mark.parametrize("kind", [ErrorKind.SLOTS_FULL, ErrorKind.CORDONED, ErrorKind.DRAINING])
def test_a_refusal_is_dispatched_again_uncounted_but_not_for_ever(kind: ErrorKind) -> None:
    assert after(kind, attempts=3, redispatches=MAX_REDISPATCHES).action is Action.REDISPATCH
    assert after(kind, redispatches=MAX_REDISPATCHES + 1)[:2] == (Action.GIVE_UP, "TooManyRefusals")


def test_what_an_instance_calls_final_is_not_retried() -> None:
    assert after(ErrorKind.SITE_ERROR, final=True)[:2] == (Action.GIVE_UP, "Final")


def test_silence_is_retried_once() -> None:
    assert after(ErrorKind.FIRST_TOKEN_TIMEOUT, silences=1).action is Action.RETRY
    assert after(ErrorKind.FIRST_TOKEN_TIMEOUT, attempts=2, silences=2)[:2] == (Action.GIVE_UP, "SilentTwice")
    assert after(ErrorKind.FIRST_TOKEN_TIMEOUT, silences=1, limit=1).action is Action.GIVE_UP
