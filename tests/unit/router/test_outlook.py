"""When waiting makes no sense: every slot says so, for a reason that time does not mend."""

import pytest

from bridge_api.errors import ErrorKind
from bridge_api.wire.instance import InstanceStatus, SlotState, SlotStatus
from bridge_router.core.pool import Pool
from bridge_router.core.waiting import Ticket
from tests.unit.router.worlds import BUSY, READY, STARTING, denials, make_pool, make_records, make_status


def broken(*reasons: str) -> InstanceStatus:
    slots = [
        SlotStatus(slot=number, state=SlotState.BROKEN, reason=reason, message=f"{reason}: do this.")
        for number, reason in enumerate(reasons)
    ]
    return make_status().model_copy(update={"slots": slots})


def outcome(pool: Pool) -> list[object]:
    return [settled for _, settled in pool.enter(Ticket("m"), 0.0)]


def test_a_browser_that_cannot_start_is_told_at_once_with_its_reason() -> None:
    pool = make_pool()
    pool.see("a", broken("SandboxUnavailable", "SandboxUnavailable"), 0.0, first=True)

    (denial,) = outcome(pool)

    assert getattr(denial, "kind", None) is ErrorKind.NO_INSTANCE
    assert "SandboxUnavailable: do this." in getattr(denial, "message", "")


@pytest.mark.parametrize("reasons", [("SiteUnreachable",), ("SandboxUnavailable", "ControlMissing")])
def test_what_may_mend_itself_is_waited_for(reasons: tuple[str, ...]) -> None:
    pool = make_pool()
    pool.see("a", broken(*reasons), 0.0, first=True)

    assert outcome(pool) == []


def test_another_instance_that_may_still_come_is_waited_for() -> None:
    pool = make_pool(instances=("a", "b"))
    pool.see("a", broken("BrowserMissing"), 0.0, first=True)

    assert outcome(pool) == []


def test_a_draining_router_lets_nobody_wait_for_instances_that_drain() -> None:
    pool = make_pool(instances=("a", "b"))
    pool.see("a", make_status(BUSY), 0.0, first=True)
    pool.see("b", make_status(BUSY), 0.0, first=True)
    pool.enter(Ticket("m"), 0.0)
    assert pool.drain(1.0) == []
    assert pool.see("a", make_status(BUSY, version=2, draining=True), 2.0, first=False) == []

    (denial,) = denials(pool.see("b", make_status(BUSY, version=2, draining=True), 3.0, first=False))

    assert (denial.kind, denial.retry_after_seconds) == (ErrorKind.DRAINING, 5.0)
    assert not pool.waiting


def test_a_draining_router_lets_nobody_wait_for_an_instance_that_goes() -> None:
    for goes in (
        lambda pool: pool.disconnect("a", 2.0),
        lambda pool: pool.update(pool.resource, make_records("a", terminating=True), 2.0),
        lambda pool: pool.update(pool.resource, [], 2.0),
    ):
        pool = make_pool()
        pool.see("a", make_status(STARTING), 0.0, first=True)
        pool.enter(Ticket("m"), 0.0)
        assert pool.drain(1.0) == []

        assert [denial.kind for denial in denials(goes(pool))] == [ErrorKind.DRAINING]


def test_a_router_that_stays_lets_requests_wait_for_what_follows_a_draining_instance() -> None:
    pool = make_pool()
    pool.see("a", make_status(BUSY, draining=True), 0.0, first=True)

    assert outcome(pool) == []


def test_a_draining_router_still_gives_free_slots() -> None:
    pool = make_pool()
    pool.see("a", make_status(READY), 0.0, first=True)
    pool.drain(1.0)

    assert [type(given).__name__ for given in outcome(pool)] == ["Lease"]
