"""How a pool lets requests wait, gives slots, and turns requests away."""

from typing import Any

import pytest

from bridge_api.errors import ErrorKind
from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.instance import SlotState
from bridge_api.wire.local import EndpointRecord
from bridge_router.core.pool import Pool, Settled
from bridge_router.core.waiting import Ticket
from tests.unit.router.worlds import (
    BROKEN,
    BUSY,
    NEEDS_HUMAN,
    RATE_LIMITED,
    READY,
    STARTING,
    denials,
    leases,
    make_pool,
    make_records,
    make_resource,
    make_status,
)


def ready_pool(**spec: Any) -> Pool:
    pool = make_pool(**spec)
    pool.see("a", make_status(READY), 0.0, first=True)
    return pool


def kinds(settled: Settled) -> list[ErrorKind]:
    return [denial.kind for denial in denials(settled)]


def test_a_free_slot_is_given_at_once() -> None:
    pool = ready_pool()

    settled = pool.enter(Ticket("m"), 1.0)

    assert [lease.endpoint.instance for lease in leases(settled)] == ["a"]
    assert repr(pool) == "<Pool default/demo [1 endpoints, 0 free | 1 in flight, 0 pending]>"


def test_a_request_that_came_to_nothing_ends_the_idleness_too() -> None:
    pool = make_pool(instances=("a",))
    pool.enter(Ticket("no-such-model"), 90.0)

    settled = pool.see("a", make_status(READY), 100.0, first=True)

    assert kinds(settled) == [ErrorKind.MODEL_NOT_FOUND]
    assert pool.load(103.0).idle_seconds == 3.0


def test_the_first_in_line_gets_the_slot_that_becomes_free_anywhere() -> None:
    pool = make_pool(instances=("a", "b"))
    pool.see("a", make_status(BUSY), 0.0, first=True)
    pool.see("b", make_status(BUSY), 0.0, first=True)
    first, second = Ticket("m"), Ticket("m")
    assert pool.enter(first, 1.0) == pool.enter(second, 2.0) == []

    settled = pool.see("b", make_status(READY, version=2), 3.0, first=False)

    assert [ticket for ticket, _ in settled] == [first]
    assert [lease.endpoint.instance for lease in leases(settled)] == ["b"]
    assert first.waited_seconds == 2.0


def test_a_full_line_turns_the_next_one_away_and_says_when_to_come_again() -> None:
    pool = make_pool(queue={"maxPending": 1})
    pool.enter(Ticket("m"), 0.0)

    (denial,) = denials(pool.enter(Ticket("m"), 7.0))

    assert (denial.kind, denial.retry_after_seconds) == (ErrorKind.QUEUE_FULL, 7.0)
    assert len(pool.waiting) == 1


def test_without_a_line_a_free_slot_is_still_given() -> None:
    pool = ready_pool(queue={"maxPending": 0})

    assert leases(pool.enter(Ticket("m"), 0.0))
    assert kinds(pool.enter(Ticket("m"), 0.0)) == [ErrorKind.QUEUE_FULL]


def test_a_request_that_waits_again_is_not_turned_away_and_keeps_its_place() -> None:
    pool = ready_pool(queue={"maxPending": 1})
    retried = Ticket("m")
    (lease,) = leases(pool.enter(retried, 0.0))
    later = Ticket("m")
    pool.enter(later, 1.0)
    retried.waited_seconds = 5.0
    pool.release(lease, 2.0)

    assert pool.enter(retried, 2.0) == []

    assert list(pool.waiting) == [retried, later]


def test_one_that_leaves_is_gone_at_once() -> None:
    pool = make_pool()
    ticket = Ticket("m")
    pool.enter(ticket, 0.0)

    pool.leave(ticket, 1.0)

    assert repr(pool) == "<Pool default/demo [1 endpoints, 0 free | 0 in flight, 0 pending]>"


@pytest.mark.parametrize(
    ("ready", "seconds", "expected"),
    [
        pytest.param(True, 9.9, [], id="in time while instances are there"),
        pytest.param(True, 10.0, [ErrorKind.QUEUE_TIMEOUT], id="too late while instances are there"),
        pytest.param(False, 29.9, [], id="a cold start takes longer"),
        pytest.param(False, 30.0, [ErrorKind.NO_INSTANCE], id="too late for a cold start"),
    ],
)
def test_a_wait_has_a_deadline(ready: bool, seconds: float, expected: list[ErrorKind]) -> None:
    pool = make_pool(queue={"timeoutSeconds": 10, "coldStartTimeoutSeconds": 30})
    if ready:
        pool.see("a", make_status(BUSY), 0.0, first=True)
    pool.enter(Ticket("m"), 0.0)

    assert kinds(pool.overdue(seconds)) == expected


def test_the_clock_of_the_other_deadline_starts_when_the_first_instance_comes() -> None:
    pool = make_pool(queue={"timeoutSeconds": 10, "coldStartTimeoutSeconds": 30})
    pool.enter(Ticket("m"), 0.0)

    pool.see("a", make_status(BUSY), 25.0, first=True)

    assert pool.next_deadline() == 35.0


def test_instances_that_come_and_go_do_not_prolong_a_wait_for_ever() -> None:
    pool = make_pool(queue={"timeoutSeconds": 10, "coldStartTimeoutSeconds": 30})
    pool.enter(Ticket("m"), 0.0)
    for second in (9.0, 18.0, 27.0, 36.0):
        pool.see("a", make_status(BUSY), second, first=True)
        pool.disconnect("a", second + 1)

    assert pool.next_deadline() == 40.0


def test_an_instance_that_failed_the_request_waits_for_another_one_to_be_free() -> None:
    pool = make_pool(instances=("a", "b"))
    pool.see("a", make_status(READY), 0.0, first=True)
    pool.see("b", make_status(BUSY), 0.0, first=True)
    ticket = Ticket("m")
    ticket.tried.add("a")
    assert pool.enter(ticket, 0.0) == []

    settled = pool.see("b", make_status(READY, version=2), 1.0, first=False)

    assert [lease.endpoint.instance for lease in leases(settled)] == ["b"]


def test_an_instance_that_failed_the_request_is_tried_again_where_no_other_is_left() -> None:
    pool = ready_pool()
    ticket = Ticket("m")
    ticket.tried.add("a")

    assert leases(pool.enter(ticket, 0.0))


def test_one_that_cannot_use_a_slot_does_not_hold_up_the_next() -> None:
    pool = make_pool(instances=("a", "b"))
    pool.see("a", make_status(BUSY), 0.0, first=True)
    pool.see("b", make_status(BUSY), 0.0, first=True)
    picky, easy = Ticket("m"), Ticket("m")
    picky.tried.add("a")
    pool.enter(picky, 0.0)
    pool.enter(easy, 1.0)

    settled = pool.see("a", make_status(READY, version=2), 2.0, first=False)

    assert [ticket for ticket, _ in settled] == [easy]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((NEEDS_HUMAN, NEEDS_HUMAN), [ErrorKind.NEEDS_HUMAN]),
        ((NEEDS_HUMAN, BROKEN), [ErrorKind.NEEDS_HUMAN]),
        ((RATE_LIMITED, RATE_LIMITED), [ErrorKind.SITE_RATE_LIMITED]),
        ((RATE_LIMITED, NEEDS_HUMAN), [ErrorKind.SITE_RATE_LIMITED]),
        ((NEEDS_HUMAN, STARTING), []),
        ((NEEDS_HUMAN, BUSY), []),
        ((BROKEN,), []),
    ],
)
def test_waiting_ends_at_once_where_no_slot_will_become_free_by_itself(
    states: tuple[SlotState, ...], expected: list[ErrorKind]
) -> None:
    pool = make_pool()
    pool.enter(Ticket("m"), 0.0)

    settled = pool.see("a", make_status(*states), 1.0, first=True)

    assert kinds(settled) == expected


def test_a_limit_says_how_long_the_shortest_one_lasts() -> None:
    pool = make_pool(instances=("a", "b"))
    pool.see("a", make_status(RATE_LIMITED, remaining=30), 0.0, first=True)
    pool.see("b", make_status(RATE_LIMITED, remaining=90), 0.0, first=True)

    (denial,) = denials(pool.enter(Ticket("m"), 10.0))

    assert denial.retry_after_seconds == 20.0


def test_another_instance_that_is_not_heard_from_yet_is_worth_the_wait() -> None:
    pool = make_pool(instances=("a", "b"))

    pool.see("a", make_status(NEEDS_HUMAN), 0.0, first=True)

    assert pool.enter(Ticket("m"), 0.0) == []


def test_a_cordoned_instance_is_nothing_to_wait_for() -> None:
    pool = make_pool(instances=("a", "b"))
    pool.see("a", make_status(NEEDS_HUMAN), 0.0, first=True)
    pool.see("b", make_status(READY, cordoned=True), 0.0, first=True)

    assert kinds(pool.enter(Ticket("m"), 0.0)) == [ErrorKind.NEEDS_HUMAN]


def test_a_request_waits_for_the_first_list_of_models() -> None:
    pool = make_pool()
    pool.see("a", make_status(READY, models=()), 0.0, first=True)
    known, unknown = Ticket("m"), Ticket("nobody's")
    assert pool.enter(known, 0.0) == pool.enter(unknown, 0.0) == []

    settled = pool.see("a", make_status(READY, version=2, models=("m",)), 1.0, first=False)

    assert kinds(settled) == [ErrorKind.MODEL_NOT_FOUND]
    assert [ticket for ticket, _ in settled] == [known, unknown]


def test_the_list_of_models_is_remembered_while_the_instances_are_away() -> None:
    pool = ready_pool()

    pool.update(pool.resource, [], 1.0)

    assert pool.offer.names == ("m",)
    assert pool.enter(Ticket("m"), 1.0) == []


def test_a_new_address_is_a_new_instance() -> None:
    pool = ready_pool()
    moved = make_records("a")[0].model_copy(update={"url": "http://elsewhere"})

    pool.update(pool.resource, [moved], 1.0)

    assert pool.free_slots == 0


def test_a_terminating_instance_gets_nothing() -> None:
    pool = ready_pool()

    pool.update(pool.resource, make_records("a", terminating=True), 1.0)

    assert pool.enter(Ticket("m"), 1.0) == []


def test_a_new_spec_is_in_force_for_those_who_wait() -> None:
    pool = make_pool(queue={"coldStartTimeoutSeconds": 30})
    pool.enter(Ticket("m"), 0.0)

    pool.update(make_resource(queue={"coldStartTimeoutSeconds": 5}), make_records("a"), 1.0)

    assert pool.next_deadline() == 5.0


def test_a_removed_pool_turns_away_those_who_wait() -> None:
    pool = make_pool()
    pool.enter(Ticket("m"), 0.0)

    assert kinds(pool.close(1.0)) == [ErrorKind.NO_INSTANCE]


def test_a_lease_that_was_not_sent_frees_its_slot_at_once() -> None:
    pool = ready_pool()
    (lease,) = leases(pool.enter(Ticket("m"), 0.0))

    pool.give_back(lease, 1.0)

    assert repr(pool) == "<Pool default/demo [1 endpoints, 1 free | 0 in flight, 0 pending]>"


def test_the_load_says_what_the_pods_say_and_what_waits_here() -> None:
    pool = make_pool(instances=("a", "b", "c"), slots=2)
    pool.see("a", make_status(BUSY, NEEDS_HUMAN), 0.0, first=True)
    pool.see("b", make_status(RATE_LIMITED, RATE_LIMITED), 0.0, first=True)
    pool.enter(Ticket("m"), 1.0)

    load = pool.load(5.0)

    assert (load.slots, load.busy, load.pending, load.ready_instances) == (2, 1, 1, 1)
    assert load.oldest_pending_seconds == 4.0
    assert load.idle_seconds == 0.0


def test_idleness_counts_from_the_end_of_the_last_request() -> None:
    pool = ready_pool()
    assert pool.load(3.0).idle_seconds == 3.0
    (lease,) = leases(pool.enter(Ticket("m"), 4.0))
    assert pool.load(5.0).idle_seconds == 0.0

    pool.release(lease, 6.0)

    assert pool.load(8.0).idle_seconds == 2.0


@pytest.mark.parametrize(
    ("resource", "records", "same"),
    [
        pytest.param(make_resource(), make_records("a"), True, id="all-as-it-was"),
        pytest.param(make_resource(slots=2), make_records("a"), False, id="another-spec"),
        pytest.param(make_resource(), make_records("a", "b"), False, id="one-instance-more"),
        pytest.param(make_resource(), make_records("a", terminating=True), False, id="one-is-to-go"),
    ],
)
def test_an_update_that_would_change_nothing_is_known_as_such(
    resource: BridgeInstancePool, records: list[EndpointRecord], same: bool
) -> None:
    assert make_pool().is_as(resource, records) is same
