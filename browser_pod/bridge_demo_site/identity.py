"""Know a browser context by its cookies, and give new ones theirs."""

import re
import time
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler

from bridge_demo_site.site import SITE, VISITOR
from bridge_demo_site.state.visitors import SESSION_COOKIE, VISITOR_COOKIE, access_token

_CONTEXT = re.compile(r"[\w-]{1,64}")
_YEAR_SECONDS = 31_536_000


@web.middleware
async def know_visitor(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the visitor into the request."""
    cookie = request.cookies.get(VISITOR_COOKIE, "")
    context = cookie if _CONTEXT.fullmatch(cookie) else str(uuid4())
    request[VISITOR] = request.app[SITE].visitors.visit(context)
    return await handler(request)


async def set_visitor_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Give a new visitor its cookie; a signal handler, because streams send their head early.

    As a header, because aiohttp has turned its cookies into headers by then.
    """
    visitor = request.get(VISITOR)
    if visitor and request.cookies.get(VISITOR_COOKIE) != visitor.context:
        response.headers.add(
            "Set-Cookie",
            f"{VISITOR_COOKIE}={visitor.context}; Max-Age={_YEAR_SECONDS}; Path=/; SameSite=Lax",
        )


def signed_in(request: web.Request) -> str | None:
    """Return the e-mail address of the account that the request's session cookie stands for."""
    token = access_token(request.cookies.get(SESSION_COOKIE, ""), time.time())
    return request.app[SITE].visitors.email_of(token) if token else None
