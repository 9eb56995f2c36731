"""What passes between router and pod."""

import json

import pytest

from bridge_api.errors import ErrorKind
from bridge_router.core.pod_calls import Sender, failure_of_response, request_headers, slots_version


def test_a_pod_gets_these_headers_and_no_others() -> None:
    sender = Sender("req-1", "ann", "00-trace")

    assert request_headers(sender, "lease-1", "token") == {
        "content-type": "application/json",
        "x-request-id": "req-1",
        "x-bridge-lease": "lease-1",
        "x-bridge-key-id": "ann",
        "authorization": "Bearer token",
        "traceparent": "00-trace",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("version=17, ready=1, total=4", 17),
        ("ready=1, version=17", 17),
        ("ready=1,version=17", 17),
        ("subversion=3", None),
        ("version=x", None),
        ("", None),
    ],
)
def test_the_version_is_read_from_the_slots_header(value: str, expected: int | None) -> None:
    assert slots_version({"x-bridge-slots": value}) == expected


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (429, "slots_full", ErrorKind.SLOTS_FULL),
        (503, "needs_human", ErrorKind.NEEDS_HUMAN),
        (400, None, ErrorKind.BAD_REQUEST),
        (422, "of_another_version", ErrorKind.BAD_REQUEST),
        (429, None, ErrorKind.SITE_RATE_LIMITED),
        (500, None, ErrorKind.SITE_ERROR),
        (401, "invalid_api_key", ErrorKind.NO_INSTANCE),
    ],
)
def test_a_pods_error_keeps_its_kind_but_for_our_own_token(
    status: int, code: str | None, expected: ErrorKind
) -> None:
    body = json.dumps({"error": {"message": "why", "code": code}}).encode()

    assert failure_of_response(status, {}, body).kind is expected


def test_a_pods_error_keeps_body_and_wait() -> None:
    body = b'{"error":{"message":"why","code":"site_rate_limited","param":null}}'

    failure = failure_of_response(429, {"retry-after": "7"}, body)

    assert (failure.status, failure.body, failure.retry_after_seconds) == (429, body, 7.0)


def test_an_answer_that_is_no_error_object_is_a_failure_of_the_site() -> None:
    assert failure_of_response(502, {}, b"<html>").kind is ErrorKind.SITE_ERROR
