"""Which failure a response or a page of the site stands for. Only what is no answer is read for markers."""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from bridge_api.sites.arena import ArenaMarkers, ArenaSettings
from bridge_browser.sites.base import Signal, SiteFailure

SUCCESS: Final = 2
REDIRECTION: Final = 3

CHALLENGE: Final = SiteFailure(
    Signal.CHALLENGE, "The site asks for proof of a person; a person must pass it in this slot."
)
LOGIN_REQUIRED: Final = SiteFailure(Signal.LOGIN_REQUIRED, "The site asks for a login.")
TERMS_NOT_ACCEPTED: Final = SiteFailure(
    Signal.TERMS_NOT_ACCEPTED,
    "The site asks to accept its terms of use. Read them; if you accept, set site.settings.acceptTerms: true.",
)

REFUSED_BY_PROXY: Final = SiteFailure(
    Signal.PROXY_REFUSED,
    "The profile's proxy does not take the username and password: put them right in its Secret.",
)


def of_response(
    status: int, headers: Mapping[str, str], body: str, markers: ArenaMarkers, *, now: float
) -> SiteFailure | None:
    """Read a response that the page got in place of an answer or of itself; None where its status is a success.

    `headers` have lower-case names; `now` is the wall clock's, because a limit may end at a date.
    """
    if status // 100 == SUCCESS:
        return None
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return SiteFailure(
            Signal.RATE_LIMITED, "The site has set a limit.", _seconds(headers.get("retry-after", ""), now)
        )
    if _has(body, markers.login_errors) or status == HTTPStatus.UNAUTHORIZED:
        return LOGIN_REQUIRED
    if status in (403, 503) and (_has(body, markers.challenge_errors) or is_challenge_html(body, markers)):
        return CHALLENGE
    return _by_status(status)


def _by_status(status: int) -> SiteFailure:
    if status // 100 == REDIRECTION:
        return moved(status)
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return REFUSED_BY_PROXY
    signal, message = _STATUSES.get(status, (Signal.SITE_FAILED, f"The site answered {status}."))
    return SiteFailure(signal, message)


_STATUSES: Final = {
    400: (Signal.REQUEST_REFUSED, "The site refused the page's call as a bad request (400)."),
    413: (Signal.MESSAGE_TOO_LARGE, "The site takes no message of this size (413)."),
    422: (Signal.CONTENT_REFUSED, "The site refused the content: it violates the site's terms of use."),
}


def moved(status: int) -> SiteFailure:
    return SiteFailure(
        Signal.MOVED,
        f"The site's host has moved: it redirected the message ({status}), which loses it. "
        "Set site.url to the host that the site uses now.",
    )


def chromium_error(message: str) -> str:
    """Find Chromium's own name for what went wrong in a longer message."""
    found = re.search(r"net::ERR_[A-Z_]+", message)
    return found[0] if found else "the browser could not load it"


def not_opened(url: str, error: str) -> SiteFailure:
    """Read Chromium's error for a page that could not be opened: the site's, or the proxy's on the way there."""
    if error in _PROXY_REFUSALS:
        return REFUSED_BY_PROXY
    if error in _PROXY_ERRORS:
        return SiteFailure(Signal.PROXY_UNREACHABLE, f"{_PROXY_ERRORS[error]} ({error}).")
    return SiteFailure(Signal.SITE_UNREACHABLE, f"{url} cannot be opened: {error}.")


_NO_PROXY = "The profile's proxy does not answer: see that it runs, and that `server` in its Secret is right"
_NO_WAY = "The profile's proxy answers, but opens no way to the site: see what it allows"
_PROXY_ERRORS: Final = {
    "net::ERR_PROXY_CONNECTION_FAILED": _NO_PROXY,
    "net::ERR_SOCKS_CONNECTION_FAILED": _NO_PROXY,
    "net::ERR_PROXY_CERTIFICATE_INVALID": "The profile's proxy shows a certificate that is not valid",
    "net::ERR_TUNNEL_CONNECTION_FAILED": _NO_WAY,
    "net::ERR_SOCKS_CONNECTION_HOST_UNREACHABLE": _NO_WAY,
}
_PROXY_REFUSALS: Final = ("net::ERR_INVALID_AUTH_CREDENTIALS", "net::ERR_PROXY_AUTH_UNSUPPORTED")


def of_look(
    settings: ArenaSettings, *, title: str, challenge: bool, login: bool, terms: bool
) -> SiteFailure | None:
    """Read what is visible on a page: a challenge before a login before the terms."""
    if challenge or title in settings.markers.challenge_titles:
        return CHALLENGE
    if login:
        return LOGIN_REQUIRED
    return TERMS_NOT_ACCEPTED if terms else None


def control_missing(setting: str, selector: str, what: str) -> SiteFailure:
    """Name the setting that puts a renamed control right."""
    return SiteFailure(
        Signal.CONTROL_MISSING,
        f"{what}. If the site has renamed it, set site.settings.selectors.{setting} (now {selector}).",
    )


def is_challenge_html(body: str, markers: ArenaMarkers) -> bool:
    """Whether HTML asks for a person. Not for answers: a model may write such words."""
    return body.lstrip().startswith("<") and _has(body, markers.challenge_html)


def _has(body: str, parts: list[str]) -> bool:
    return any(part in body for part in parts)


def _seconds(retry_after: str, now: float) -> float | None:
    """Read a number of seconds or an HTTP date (RFC 9110, 10.2.3)."""
    text = retry_after.strip()
    if text.isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:  # "-0000": UTC, says RFC 5322
        until = until.replace(tzinfo=UTC)
    return max(0.0, until.timestamp() - now)
