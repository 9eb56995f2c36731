"""The site knows its visitors by their cookies."""

import base64

import pytest

from bridge_demo_site.state.visitors import Visitors, access_token, session_cookie


def test_a_session_cookie_is_base64_json_and_can_be_read_back():
    cookie = session_cookie("access", "refresh", expires_at=100)

    assert cookie.startswith("base64-")
    assert access_token(cookie, now=99) == "access"


def test_an_expired_session_is_none():
    assert access_token(session_cookie("access", "refresh", expires_at=100), now=101) is None


@pytest.mark.parametrize(
    "cookie", ["", "base64-", "base64-%%%", "base64-" + base64.b64encode(b'{"access_token": 1}').decode()]
)
def test_anything_else_is_no_session(cookie: str):
    assert access_token(cookie, now=0) is None


def test_a_visitor_is_the_same_at_the_next_visit():
    visitors = Visitors()

    assert visitors.visit("x") is visitors.visit("x")
    assert visitors.visit("x") is not visitors.visit("y")
