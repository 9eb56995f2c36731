"""Responses and pages in place of an answer: each row of the site's failures, through to the error and the slot."""

import pytest

from bridge_api.errors import ErrorKind
from bridge_api.sites.arena import ArenaMarkers, ArenaSettings
from bridge_api.wire.instance import SlotState
from bridge_browser.failures import error_of, limit_seconds, slot_state_after, slot_state_when_opening
from bridge_browser.sites.arena.signals import control_missing, not_opened, of_look, of_response
from bridge_browser.sites.base import Signal, SiteFailure

CHALLENGE_PAGE = (
    "<html><head><title>Just a moment...</title></head><script>window._cf_chl_opt={}</script></html>"
)
NOW = 1792567590.0
"""Wed, 21 Oct 2026 07:26:30 GMT"""

NO_ACCESS = '{"error":"User 1 does not have access to evaluation session 2"}'


@pytest.mark.parametrize(
    ("status", "body", "kind", "slot"),
    [
        (301, "", ErrorKind.SITE_ERROR, SlotState.READY),
        (400, "{}", ErrorKind.SITE_ERROR, SlotState.READY),
        (401, NO_ACCESS, ErrorKind.NEEDS_HUMAN, SlotState.NEEDS_HUMAN),
        (401, "", ErrorKind.NEEDS_HUMAN, SlotState.NEEDS_HUMAN),
        (403, "LOGIN_GATE", ErrorKind.NEEDS_HUMAN, SlotState.NEEDS_HUMAN),
        (403, '{"error":"recaptcha validation failed"}', ErrorKind.NEEDS_HUMAN, SlotState.NEEDS_HUMAN),
        (403, CHALLENGE_PAGE, ErrorKind.NEEDS_HUMAN, SlotState.NEEDS_HUMAN),
        (503, CHALLENGE_PAGE, ErrorKind.NEEDS_HUMAN, SlotState.NEEDS_HUMAN),
        (403, '{"echo":"window._cf_chl_opt"}', ErrorKind.SITE_ERROR, SlotState.READY),
        (403, "{}", ErrorKind.SITE_ERROR, SlotState.READY),
        (407, "", ErrorKind.SITE_ERROR, SlotState.BROKEN),
        (413, "", ErrorKind.REQUEST_TOO_LARGE, SlotState.READY),
        (422, "Request rejected", ErrorKind.CONTENT_POLICY_VIOLATION, SlotState.READY),
        (429, "", ErrorKind.SITE_RATE_LIMITED, SlotState.RATE_LIMITED),
        (500, "", ErrorKind.SITE_ERROR, SlotState.READY),
        (503, "", ErrorKind.SITE_ERROR, SlotState.READY),
    ],
)
def test_each_status_has_its_error_and_its_slot(
    status: int, body: str, kind: ErrorKind, slot: SlotState
) -> None:
    failure = of_response(status, {}, body, ArenaMarkers(), now=NOW)

    assert failure is not None
    assert (error_of(failure).kind, slot_state_after(failure)) == (kind, slot)


@pytest.mark.parametrize(
    ("error", "signal"),
    [
        ("net::ERR_CONNECTION_REFUSED", Signal.SITE_UNREACHABLE),
        ("no page in 30 s", Signal.SITE_UNREACHABLE),
        ("net::ERR_PROXY_CONNECTION_FAILED", Signal.PROXY_UNREACHABLE),
        ("net::ERR_SOCKS_CONNECTION_FAILED", Signal.PROXY_UNREACHABLE),
        ("net::ERR_TUNNEL_CONNECTION_FAILED", Signal.PROXY_UNREACHABLE),
        ("net::ERR_PROXY_AUTH_UNSUPPORTED", Signal.PROXY_REFUSED),
    ],
)
def test_a_page_that_cannot_be_opened_is_the_sites_or_the_proxys_doing(error: str, signal: Signal) -> None:
    failure = not_opened("https://site.example/", error)

    assert failure.signal is signal
    assert slot_state_when_opening(failure) is SlotState.BROKEN


def test_a_success_is_no_failure_whatever_it_says() -> None:
    assert of_response(200, {}, CHALLENGE_PAGE, ArenaMarkers(), now=NOW) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("0", 1.0),
        ("", 60.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 90.0),
        ("Wed, 21 Oct 2026 09:28:00 +0200", 90.0),
        ("Wed, 21 Oct 2026 07:28:00 -0000", 90.0),
        ("Wed, 21 Oct 2026 07:00:00 GMT", 1.0),
        ("some other day", 60.0),
        ("-5", 60.0),
    ],
)
def test_a_limit_lasts_as_long_as_the_site_says_or_a_minute(header: str, seconds: float) -> None:
    failure = of_response(429, {"retry-after": header}, "", ArenaMarkers(), now=NOW)

    assert failure is not None
    assert limit_seconds(failure) == seconds
    assert error_of(failure).retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("seen", "signal"),
    [
        ({}, None),
        ({"title": "Just a moment..."}, Signal.CHALLENGE),
        ({"challenge": True, "login": True, "terms": True}, Signal.CHALLENGE),
        ({"login": True, "terms": True}, Signal.LOGIN_REQUIRED),
        ({"terms": True}, Signal.TERMS_NOT_ACCEPTED),
    ],
)
def test_what_is_visible_says_who_must_come_first(seen: dict[str, object], signal: Signal | None) -> None:
    look = {"title": "Arena", "challenge": False, "login": False, "terms": False} | seen

    failure = of_look(ArenaSettings(), **look)  # type: ignore[arg-type]

    assert (failure and failure.signal) == signal


@pytest.mark.parametrize("signal", list(Signal))
def test_every_signal_has_an_error_and_a_slot_that_takes_no_chat_while_it_cannot_be_opened(
    signal: Signal,
) -> None:
    failure = SiteFailure(signal, "why")

    assert error_of(failure).message == "why"
    assert slot_state_when_opening(failure) is not SlotState.READY


@pytest.mark.parametrize("signal", [Signal.REQUEST_REFUSED, Signal.MOVED, Signal.NOT_AS_ASKED])
def test_what_would_fail_again_on_any_instance_is_not_retried(signal: Signal) -> None:
    assert error_of(SiteFailure(signal, "why")).headers() == {"x-should-retry": "false"}


def test_a_failure_of_the_moment_may_be_retried() -> None:
    assert error_of(SiteFailure(Signal.SITE_FAILED, "why")).headers() == {}


def test_a_missing_control_names_the_setting_that_puts_it_right() -> None:
    failure = control_missing("send", "button", "Send took no click")

    assert failure.message.startswith("Send took no click.")
    assert "site.settings.selectors.send" in failure.message
