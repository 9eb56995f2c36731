"""How many slots of an endpoint are free, and when a lease is over."""

from typing import Any

import pytest

from bridge_api.wire.instance import SlotState
from bridge_router.core.endpoint import Endpoint
from tests.unit.router.worlds import BUSY, NEEDS_HUMAN, READY, RECYCLING, STARTING, make_status


def make_endpoint(*states: SlotState, **status: Any) -> Endpoint:
    endpoint = Endpoint("a", "http://a")
    endpoint.see(make_status(*states, **status), 0.0, first=True)
    return endpoint


@pytest.mark.parametrize(
    ("states", "free"),
    [
        ((READY, READY), 2),
        ((READY, BUSY), 1),
        ((STARTING, RECYCLING), 0),
        ((NEEDS_HUMAN, READY), 1),
        ((), 0),
    ],
)
def test_only_ready_slots_are_free(states: tuple[SlotState, ...], free: int) -> None:
    assert make_endpoint(*states).free_slots == free


@pytest.mark.parametrize("status", [{"draining": True}, {"cordoned": True}])
def test_an_instance_that_is_on_its_way_out_has_no_free_slot(status: dict[str, bool]) -> None:
    assert make_endpoint(READY, **status).free_slots == 0


def test_a_terminating_instance_has_no_free_slot() -> None:
    endpoint = make_endpoint(READY)
    endpoint.terminating = True

    assert endpoint.free_slots == 0


def test_a_lease_takes_a_slot_before_and_after_the_status_shows_it() -> None:
    endpoint = make_endpoint(READY, READY)
    lease = endpoint.grant("mine")
    assert repr(endpoint) == "<Endpoint a [1 free, 1 leases]>"

    endpoint.see(make_status(BUSY, READY, version=2, leases=["mine"]), 1.0, first=False)

    assert endpoint.free_slots == 1
    assert endpoint.shows(lease)


def test_a_returning_lease_is_over_with_a_status_that_no_longer_lists_it() -> None:
    endpoint = make_endpoint(READY)
    lease = endpoint.grant("mine")
    endpoint.known_busy(lease, 2)
    endpoint.end(lease, 1.0)
    assert endpoint.free_slots == 0

    endpoint.see(make_status(BUSY, version=2, leases=["mine"]), 1.1, first=False)
    assert repr(endpoint) == "<Endpoint a [0 free, 1 leases]>"
    endpoint.see(make_status(READY, version=3), 1.2, first=False)

    assert repr(endpoint) == "<Endpoint a [1 free, 0 leases]>"


def test_a_status_from_before_the_slot_was_taken_ends_no_lease() -> None:
    endpoint = make_endpoint(READY, version=1)
    lease = endpoint.grant("mine")
    endpoint.known_busy(lease, 3)
    endpoint.end(lease, 1.0)

    endpoint.see(make_status(READY, version=2), 5.0, first=False)

    assert endpoint.free_slots == 0


def test_a_request_that_took_no_slot_is_over_with_the_status_of_that_time() -> None:
    endpoint = make_endpoint(READY, version=4)
    lease = endpoint.grant("mine")
    endpoint.known_busy(lease, 4)

    endpoint.end(lease, 1.0)

    assert endpoint.free_slots == 1


@pytest.mark.parametrize(("line_at", "free"), [(1.4, 0), (1.5, 1)])
def test_without_a_head_a_lease_is_over_half_a_second_later_at_the_first_line(
    line_at: float, free: int
) -> None:
    endpoint = make_endpoint(READY, version=1)
    lease = endpoint.grant("mine")
    endpoint.end(lease, 1.0)

    endpoint.see(make_status(READY, version=1), line_at, first=False)

    assert endpoint.free_slots == free


def test_a_refused_lease_is_over_at_once_but_nothing_is_sent_until_a_newer_status() -> None:
    endpoint = make_endpoint(READY, version=1)
    endpoint.drop(endpoint.grant("mine"))
    endpoint.refused(2)
    assert repr(endpoint) == "<Endpoint a [0 free, 0 leases]>"

    endpoint.see(make_status(READY, version=2), 1.0, first=False)

    assert endpoint.free_slots == 1


def test_a_refusal_that_is_older_than_the_status_stops_nothing() -> None:
    endpoint = make_endpoint(READY, version=5)

    endpoint.refused(4)

    assert endpoint.free_slots == 1


def test_versions_of_an_earlier_boot_mean_nothing() -> None:
    endpoint = make_endpoint(READY, version=90, boot="first")
    lease = endpoint.grant("mine")
    endpoint.known_busy(lease, 91)
    endpoint.end(lease, 1.0)

    endpoint.see(make_status(READY, version=1, boot="second"), 2.0, first=True)

    assert endpoint.free_slots == 1


def test_a_lost_instance_has_no_free_slot_until_its_status_stream_is_there_again() -> None:
    endpoint = make_endpoint(READY)
    endpoint.disconnect()
    endpoint.see(make_status(READY, version=2), 1.0, first=False)
    assert endpoint.free_slots == 0

    endpoint.see(make_status(READY, version=3), 2.0, first=True)

    assert endpoint.free_slots == 1
