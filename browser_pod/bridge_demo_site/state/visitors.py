"""Browser contexts as the site knows them by their cookies: who is logged in, who has passed a challenge."""

import base64
import json
from collections import OrderedDict
from dataclasses import dataclass

MOST_VISITORS = 10_000
SESSION_SECONDS = 3600
VISITOR_COOKIE = "provisional_user_id"
SESSION_COOKIE = "arena-auth-prod-v1"
CLEARANCE_COOKIE = "cf_clearance"
TERMS_COOKIE = "demo_terms"
BANNER_COOKIE = "demo_cookies"


@dataclass(slots=True)
class Visitor:
    context: str
    """The value of the visitor cookie."""

    passed_at: float = 0.0
    """When a person last passed a challenge or logged in here."""


class Visitors:
    """The visitors seen lately; the oldest are forgotten beyond a bound."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, Visitor] = OrderedDict()
        self._accounts: OrderedDict[str, str] = OrderedDict()

    def visit(self, context: str) -> Visitor:
        """Return the visitor of a context, new or known."""
        visitor = self._seen.setdefault(context, Visitor(context))
        self._seen.move_to_end(context)
        while len(self._seen) > MOST_VISITORS:
            self._seen.popitem(last=False)
        return visitor

    def log_in(self, token: str, email: str) -> None:
        """Remember whose access token this is."""
        self._accounts[token] = email
        while len(self._accounts) > MOST_VISITORS:
            self._accounts.popitem(last=False)

    def email_of(self, token: str) -> str | None:
        return self._accounts.get(token)


def session_cookie(access_token: str, refresh_token: str, expires_at: int) -> str:
    """Write a session as the site's cookie holds it."""
    session = {"access_token": access_token, "refresh_token": refresh_token, "expires_at": expires_at}
    return "base64-" + base64.b64encode(json.dumps(session).encode()).decode()


def access_token(cookie: str, now: float) -> str | None:
    """Read the access token of a session cookie, or None where it is none or has expired."""
    try:
        session = json.loads(base64.b64decode(cookie.removeprefix("base64-"), validate=True))
        token, expires_at = str(session["access_token"]), float(session["expires_at"])
    except (ValueError, KeyError, TypeError):
        return None
    return token if expires_at > now else None
