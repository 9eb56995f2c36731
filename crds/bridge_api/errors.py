"""The errors that a client can get, in OpenAI's shape; each kind has one status, one type and one code."""

from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True, slots=True)
class _Kind:
    status: HTTPStatus
    type: str
    code: str | None
    meaning: str
    client_may_retry: bool = True


class ErrorKind(Enum):
    """What went wrong: HTTP status, OpenAI `type` and `code`, and whether a client's automatic retry makes sense."""

    BAD_REQUEST = _Kind(
        HTTPStatus.BAD_REQUEST,
        "invalid_request_error",
        None,
        "The body is not what the API reference says; `param` names the place.",
    )
    CONTEXT_LENGTH_EXCEEDED = _Kind(
        HTTPStatus.BAD_REQUEST,
        "invalid_request_error",
        "context_length_exceeded",
        "The chat is longer than the site takes.",
    )
    CONTENT_POLICY_VIOLATION = _Kind(
        HTTPStatus.BAD_REQUEST,
        "invalid_request_error",
        "content_policy_violation",
        "The site refused the content.",
    )
    UNSUPPORTED_PARAMETER = _Kind(
        HTTPStatus.BAD_REQUEST,
        "invalid_request_error",
        "unsupported_parameter",
        "A parameter would change the answer's shape in a way a chat page cannot give.",
    )
    INVALID_API_KEY = _Kind(
        HTTPStatus.UNAUTHORIZED, "authentication_error", "invalid_api_key", "No key, or an unknown one."
    )
    PERMISSION_DENIED = _Kind(
        HTTPStatus.FORBIDDEN,
        "permission_error",
        "permission_denied",
        "A foreign `Host` or `Origin`, or a key without this right.",
    )
    NOT_FOUND = _Kind(HTTPStatus.NOT_FOUND, "invalid_request_error", "not_found", "No such path.")
    METHOD_NOT_ALLOWED = _Kind(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "invalid_request_error",
        "method_not_allowed",
        "The path exists for other methods.",
    )
    MODEL_NOT_FOUND = _Kind(
        HTTPStatus.NOT_FOUND, "invalid_request_error", "model_not_found", "No pool offers this model."
    )
    REQUEST_TOO_LARGE = _Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "invalid_request_error",
        "request_too_large",
        "The body is above the limit, or the site takes no message of this size.",
    )
    QUEUE_FULL = _Kind(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate_limit_error",
        "queue_full",
        "`queue.maxPending` requests wait already.",
    )
    KEY_RATE_LIMITED = _Kind(
        HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_error", "key_rate_limited", "The key has used up its rate."
    )
    SITE_RATE_LIMITED = _Kind(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate_limit_error",
        "site_rate_limited",
        "The site has set a limit; it is waited out, not dodged.",
    )
    SLOTS_FULL = _Kind(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate_limit_error",
        "slots_full",
        "From a pod to a router: no slot is free.",
    )
    INTERNAL = _Kind(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "server_error",
        "internal_error",
        "A defect of the bridge; the log has the request id.",
    )
    SITE_ERROR = _Kind(HTTPStatus.BAD_GATEWAY, "site_error", "site_error", "The site or its page failed.")
    EMPTY_ANSWER = _Kind(
        HTTPStatus.BAD_GATEWAY,
        "site_error",
        "empty_answer",
        "The site called a failure success: the answer has no content.",
    )
    CLIENT_TOO_SLOW = _Kind(
        HTTPStatus.BAD_GATEWAY,
        "site_error",
        "client_too_slow",
        "The client read too slowly for what may be held for it.",
    )
    NO_INSTANCE = _Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable_error",
        "no_instance",
        "No instance became ready in time.",
    )
    NEEDS_HUMAN = _Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable_error",
        "needs_human",
        "The site asks for a person: a challenge, a login or its terms.",
        client_may_retry=False,
    )
    DRAINING = _Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "unavailable_error", "draining", "This part is on its way out."
    )
    CORDONED = _Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable_error",
        "cordoned",
        "From a pod to a router: it takes no new chats.",
    )
    QUEUE_TIMEOUT = _Kind(
        HTTPStatus.GATEWAY_TIMEOUT,
        "timeout_error",
        "queue_timeout",
        "No slot became free in `queue.timeoutSeconds`.",
    )
    FIRST_TOKEN_TIMEOUT = _Kind(
        HTTPStatus.GATEWAY_TIMEOUT,
        "timeout_error",
        "first_token_timeout",
        "The site was silent for `timeouts.firstTokenSeconds`.",
    )
    IDLE_TIMEOUT = _Kind(
        HTTPStatus.GATEWAY_TIMEOUT,
        "timeout_error",
        "idle_timeout",
        "The answer stood still for `timeouts.idleSeconds`.",
    )
    TOTAL_TIMEOUT = _Kind(
        HTTPStatus.GATEWAY_TIMEOUT,
        "timeout_error",
        "total_timeout",
        "The answer took longer than `timeouts.totalSeconds`.",
        client_may_retry=False,
    )

    @property
    def status(self) -> int:
        return int(self.value.status)

    @property
    def code(self) -> str | None:
        return self.value.code

    @property
    def label(self) -> str:
        """A word for logs and metrics: the code, or the type where there is none."""
        return self.value.code or self.value.type

    @property
    def client_may_retry(self) -> bool:
        return self.value.client_may_retry

    @classmethod
    def from_code(cls, code: str | None) -> "ErrorKind | None":
        """Find the kind that an error body names, or None for a code that is not ours."""
        return next((kind for kind in cls if code is not None and kind.code == code), None)


class BridgeError(Exception):
    """A failure on its way to the client."""

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        param: str | None = None,
        retry_after_seconds: float | None = None,
        final: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.param = param
        self.retry_after_seconds = retry_after_seconds
        self.final = final
        """The same request would fail again, though others of this kind might not."""

    def body(self) -> dict[str, Any]:
        """Make the OpenAI error object (API reference, "Error codes")."""
        kind = self.kind.value
        return {"error": {"message": self.message, "type": kind.type, "param": self.param, "code": kind.code}}

    def headers(self) -> dict[str, str]:
        """Make the headers that tell a client whether and when to try again."""
        headers = {}
        if self.retry_after_seconds is not None:
            headers["retry-after"] = str(max(1, round(self.retry_after_seconds)))
        if self.final or not self.kind.client_may_retry:
            headers["x-should-retry"] = "false"
        return headers
