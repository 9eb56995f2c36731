"""Failures strike the requests they were ordered for, as often as ordered."""

from typing import Any

import pytest
from pydantic import ValidationError

from bridge_demo_site.state.faults import KINDS, Fault, FaultBook, FaultName, Moment
from bridge_demo_site.state.refusals import instead_of_a_stream


def book(*faults: dict[str, Any], since: float = 1.0) -> FaultBook:
    ordered = FaultBook()
    for fault in faults:
        ordered.put(Fault.model_validate(fault), since)
    return ordered


def names(faults: list[Fault]) -> list[str]:
    return [fault.fault.value for fault in faults]


def test_a_failure_strikes_the_next_requests_and_no_more():
    ordered = book({"fault": "silence", "times": 2})

    struck = [names(ordered.take(Moment.CHAT)) for _ in range(3)]

    assert struck == [["silence"], ["silence"], []]
    assert ordered.wanted() == []


def test_a_failure_without_a_number_strikes_until_it_is_lifted():
    ordered = book({"fault": "silence"})
    assert all(ordered.take(Moment.CHAT) for _ in range(50))

    ordered.lift()

    assert ordered.take(Moment.CHAT) == []


def test_a_chat_gets_one_failure_at_a_time_the_first_ordered_first():
    ordered = book({"fault": "cut", "times": 1}, {"fault": "stall", "times": 1})

    assert [names(ordered.take(Moment.CHAT)) for _ in range(3)] == [["cut"], ["stall"], []]


def test_a_page_gets_all_its_failures_at_once():
    ordered = book({"fault": "slowPage", "times": 1}, {"fault": "cut"}, {"fault": "termsOnTop", "times": 1})

    assert names(ordered.take(Moment.PAGE)) == ["slowPage", "termsOnTop"]
    assert ordered.take(Moment.PAGE) == []


def test_the_same_failure_ordered_again_replaces_the_first():
    ordered = book({"fault": "cut", "times": 9}, {"fault": "cut", "times": 1})

    assert [fault.times for fault in ordered.wanted()] == [1]


@pytest.mark.parametrize("fault", ["challengePage", "loginGate"])
def test_who_has_passed_since_is_spared(fault: str):
    ordered = book({"fault": fault}, since=10.0)

    assert names(ordered.take(Moment.PAGE, passed_at=9.0)) == [fault]
    assert ordered.take(Moment.PAGE, passed_at=11.0) == []


def test_passing_a_challenge_spares_nobody_from_a_limit():
    ordered = book({"fault": "rateLimited"}, since=10.0)

    assert names(ordered.take(Moment.CHAT, passed_at=11.0)) == ["rateLimited"]


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        ("challengePage", 403, "Just a moment"),
        ("recaptcha", 403, "recaptcha validation failed"),
        ("loginGate", 401, "LOGIN_GATE"),
        ("badRequest", 400, "Bad request"),
        ("tooLarge", 413, "Too Large"),
        ("contentRefused", 422, "Content violates our terms of use"),
        ("rateLimited", 429, "Too Many"),
        ("moved", 301, ""),
        ("serverError", 500, "Internal"),
    ],
)
def test_a_failure_before_the_stream_has_its_status(fault: str, status: int, word: str):
    answer = instead_of_a_stream(Fault(fault=FaultName(fault)), "/call", "<title>Just a moment...</title>")

    assert answer is not None
    assert answer.status == status
    assert word in answer.body
    assert "Retry-After" not in answer.headers


def test_a_limit_says_when_to_come_back_if_it_was_told():
    answer = instead_of_a_stream(Fault(fault=FaultName.RATE_LIMITED, retry_after_seconds=7), "/call", "")

    assert answer is not None
    assert answer.headers == {"Retry-After": "7"}


def test_every_failure_says_what_it_does():
    assert set(KINDS) == set(FaultName)


@pytest.mark.parametrize(
    "mistake",
    [{"fault": "unknown"}, {"fault": "cut", "times": 0}, {"fault": "cut", "often": 3}]
    + [{"fault": "navigate", "to": to} for to in ("//elsewhere", "https://elsewhere", "/a b", "/a\r\nx: y")],
)
def test_a_mistake_in_an_order_is_refused(mistake: dict[str, Any]):
    with pytest.raises(ValidationError):
        Fault.model_validate(mistake)
