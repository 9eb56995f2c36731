"""What passes between router and pod around a chat: the headers there, and what the head of the answer says."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from bridge_api import names
from bridge_api.errors import ErrorKind
from bridge_router.core.openai import parse_error
from bridge_router.core.retry import Failure, Origin

CHAT_PATH = "/v1/chat/completions"
TRACE_PARENT = "traceparent"
PASSED_BACK = (names.AFFINITY, names.SLOTS, names.IGNORED)
"""Headers of a pod's answer that the client gets as they are."""

_VERSION = re.compile(r"(?:^|[,\s])version=(\d+)")


class Sender(NamedTuple):
    """Who asks, as a pod is told."""

    request_id: str
    key_id: str
    trace_parent: str | None


def request_headers(sender: Sender, lease_id: str, token: str | None) -> dict[str, str]:
    """Make the headers of a chat for a pod: nothing of the client's but what is named here."""
    headers = {
        "content-type": "application/json",
        names.REQUEST_ID: sender.request_id,
        names.LEASE: lease_id,
    }
    if sender.key_id:
        headers[names.KEY_ID] = sender.key_id
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    if sender.trace_parent is not None:
        headers[TRACE_PARENT] = sender.trace_parent
    return headers


def slots_version(headers: Mapping[str, str]) -> int | None:
    """Read the status version from `x-bridge-slots`."""
    match = _VERSION.search(headers.get(names.SLOTS, ""))
    return int(match.group(1)) if match else None


def failure_of_response(status: int, headers: Mapping[str, str], body: bytes) -> Failure:
    """Say what an answer other than 200 means."""
    error = parse_error(body)
    if status in (401, 403):
        message = "An instance does not take this router's token; see the router's log."
        return Failure(Origin.RESPONSE, ErrorKind.NO_INSTANCE, message, retry_after_seconds=10.0)
    if error is None:
        message = f"An instance answered {status} without saying why."
        return Failure(Origin.RESPONSE, ErrorKind.SITE_ERROR, message)
    kind = ErrorKind.from_code(_text(error.get("code"))) or _kind_by_status(status)
    return Failure(
        Origin.RESPONSE,
        kind,
        _text(error.get("message")) or kind.label,
        param=_text(error.get("param")),
        retry_after_seconds=_seconds(headers.get(names.RETRY_AFTER)),
        status=status,
        body=body,
        final=headers.get(names.SHOULD_RETRY) == "false",
    )


def failure_of_event(error: Mapping[str, object]) -> Failure:
    """Say what an error event before the first content means."""
    kind = ErrorKind.from_code(_text(error.get("code"))) or ErrorKind.SITE_ERROR
    return Failure(
        Origin.EVENT,
        kind,
        _text(error.get("message")) or "The instance reported an error.",
        param=_text(error.get("param")),
    )


def _kind_by_status(status: int) -> ErrorKind:
    if status >= 500:  # noqa: PLR2004 - server errors
        return ErrorKind.SITE_ERROR
    return ErrorKind.SITE_RATE_LIMITED if status == 429 else ErrorKind.BAD_REQUEST  # noqa: PLR2004


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _seconds(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None
