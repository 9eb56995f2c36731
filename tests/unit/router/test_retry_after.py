"""Whoever is turned away with 429 or 503 is told when to come again."""

from collections.abc import Callable

import pytest

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.wire.instance import InstanceStatus
from bridge_router.core.catalog import choose_pool
from bridge_router.core.outlook import Denial
from bridge_router.core.pod_calls import failure_of_response
from bridge_router.core.pool import Pool, Settled
from bridge_router.core.retry import Failure, Origin, as_told
from bridge_router.core.waiting import Ticket
from tests.unit.router.test_outlook import broken
from tests.unit.router.worlds import (
    BUSY,
    NEEDS_HUMAN,
    RATE_LIMITED,
    STARTING,
    denials,
    make_pool,
    make_status,
)


def waiting_at(status: InstanceStatus) -> Pool:
    """Make a pool whose line is full: one request waits, if it makes sense."""
    pool = make_pool(queue={"maxPending": 1, "coldStartTimeoutSeconds": 1})
    pool.see("a", make_status(STARTING), 0.0, first=True)
    pool.enter(Ticket("m"), 0.0)
    pool.see("a", status, 0.0, first=False)
    return pool


def error_of(settled: Settled) -> BridgeError:
    return denials(settled)[0].error()


def turned_away_by(status: InstanceStatus) -> BridgeError:
    return error_of(waiting_at(status).enter(Ticket("m"), 0.0))


def without_any_pool() -> BridgeError:
    denial = choose_pool("m", [])
    assert isinstance(denial, Denial)
    return denial.error()


def refused_too_often(kind: ErrorKind) -> BridgeError:
    return as_told(Failure(Origin.RESPONSE, kind, "no", status=kind.status, body=b"{}")).error()


CASES: dict[str, tuple[ErrorKind, Callable[[], BridgeError]]] = {
    "full line": (ErrorKind.QUEUE_FULL, lambda: turned_away_by(make_status(BUSY))),
    "a person is needed": (ErrorKind.NEEDS_HUMAN, lambda: turned_away_by(make_status(NEEDS_HUMAN))),
    "limited": (ErrorKind.SITE_RATE_LIMITED, lambda: turned_away_by(make_status(RATE_LIMITED, remaining=9))),
    "limited for who knows how long": (
        ErrorKind.SITE_RATE_LIMITED,
        lambda: turned_away_by(make_status(RATE_LIMITED)),
    ),
    "broken": (ErrorKind.NO_INSTANCE, lambda: turned_away_by(broken("SandboxUnavailable"))),
    "cold start": (
        ErrorKind.NO_INSTANCE,
        lambda: error_of(waiting_at(make_status(STARTING)).overdue(9.0)),
    ),
    "pool removed": (
        ErrorKind.NO_INSTANCE,
        lambda: error_of(waiting_at(make_status(BUSY)).close(1.0)),
    ),
    "router drains": (
        ErrorKind.DRAINING,
        lambda: error_of(waiting_at(make_status(BUSY, draining=True)).drain(1.0)),
    ),
    "no pool": (ErrorKind.NO_INSTANCE, without_any_pool),
    "slots full too often": (ErrorKind.QUEUE_FULL, lambda: refused_too_often(ErrorKind.SLOTS_FULL)),
    "cordoned too often": (ErrorKind.NO_INSTANCE, lambda: refused_too_often(ErrorKind.CORDONED)),
    "our token is not taken": (ErrorKind.NO_INSTANCE, lambda: failure_of_response(401, {}, b"{}").error()),
}


@pytest.mark.parametrize(("kind", "turn_away"), CASES.values(), ids=CASES.keys())
def test_each_429_and_503_says_when_to_come_again(
    kind: ErrorKind, turn_away: Callable[[], BridgeError]
) -> None:
    error = turn_away()

    assert (error.kind, error.kind.status in (429, 503)) == (kind, True)
    assert int(error.headers()["retry-after"]) >= 1
