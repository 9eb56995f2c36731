"""What the Kubernetes API says no with, as one exception that carries the parts worth deciding on."""

import json

NOT_FOUND = 404
CONFLICT = 409
ALREADY_EXISTS = "AlreadyExists"
"""The reason of a conflict over a name, not over a version."""

GONE = 410
INVALID = 422
TOO_MANY = 429


class KubeError(Exception):
    """The API server refused; `reason` is its machine-readable word (`metav1.Status`)."""

    def __init__(
        self, status: int, reason: str, message: str, *, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self.retry_after_seconds = retry_after_seconds


class Unreachable(KubeError):
    """No answer came: the API server may or may not have done as asked."""

    def __init__(self, message: str) -> None:
        super().__init__(0, "Unreachable", message)


def is_for_a_person(failed: KubeError) -> bool:
    """Tell whether somebody has to change something; what passes by itself (conflicts, rates, a server's trouble) is not."""
    return 400 <= failed.status < 500 and failed.status not in (NOT_FOUND, CONFLICT, GONE, TOO_MANY)  # noqa: PLR2004 - HTTP: the client's errors


class Gone(KubeError):
    """The resourceVersion is too old: everything has to be listed anew."""


def error_from(status: int, body: bytes, *, retry_after: str | None = None) -> KubeError:
    """Make the error of a response; a body that is no `Status` is quoted in short."""
    try:
        told = json.loads(body)
        reason, message = str(told.get("reason") or "Unknown"), str(told.get("message") or "")
        code = int(told.get("code") or status)
    except (ValueError, AttributeError):
        code, reason, message = status, "Unknown", body[:200].decode(errors="replace")
    kind = Gone if code == GONE else KubeError
    wait = float(retry_after) if retry_after and retry_after.isdigit() else None
    return kind(code, reason, message, retry_after_seconds=wait)
