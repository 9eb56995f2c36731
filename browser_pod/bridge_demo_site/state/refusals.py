"""What the site answers instead of a stream when a failure is wanted."""

import json
from typing import NamedTuple

from bridge_demo_site.state.chat_body import Refusal
from bridge_demo_site.state.faults import Fault, FaultName

JSON = "application/json"
HTML = "text/html"

_REFUSALS = {
    FaultName.RECAPTCHA: Refusal(403, "recaptcha validation failed"),
    FaultName.LOGIN_GATE: Refusal(401, "LOGIN_GATE"),
    FaultName.BAD_REQUEST: Refusal(400, "Bad request"),
    FaultName.TOO_LARGE: Refusal(413, "Request Entity Too Large"),
    FaultName.CONTENT_REFUSED: Refusal(
        422, "Request rejected: Content violates our terms of use. Please rephrase your message."
    ),
    FaultName.RATE_LIMITED: Refusal(429, "Too Many Requests"),
    FaultName.SERVER_ERROR: Refusal(500, "Internal Server Error"),
}


class HttpAnswer(NamedTuple):
    status: int
    body: str
    content_type: str
    headers: dict[str, str]


def as_http(refusal: Refusal) -> HttpAnswer:
    return HttpAnswer(refusal.status, json.dumps({"error": refusal.error}), JSON, {})


def instead_of_a_stream(fault: Fault, path: str, challenge_html: str) -> HttpAnswer | None:
    """Answer a chat call with a failure, or return None where the failure is in the stream itself."""
    if fault.fault is FaultName.CHALLENGE_PAGE:
        return HttpAnswer(403, challenge_html, HTML, {})
    if fault.fault is FaultName.MOVED:
        return HttpAnswer(301, "", HTML, {"Location": "/moved" + path})
    refusal = _REFUSALS.get(fault.fault)
    if refusal is None:
        return None
    answer = as_http(refusal)
    if fault.fault is FaultName.RATE_LIMITED and fault.retry_after_seconds is not None:
        return answer._replace(headers={"Retry-After": str(fault.retry_after_seconds)})
    return answer
