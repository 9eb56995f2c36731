"""The pages that people see: a new chat in each mode, and a conversation."""

import asyncio
from typing import Any

from aiohttp import web

from bridge_demo_site.html import challenge_html, chat_html, index_html, missing_html
from bridge_demo_site.identity import signed_in
from bridge_demo_site.site import SITE, VISITOR
from bridge_demo_site.state.conversations import Conversation
from bridge_demo_site.state.faults import Fault, FaultName, Moment
from bridge_demo_site.state.modes import Mode
from bridge_demo_site.state.page_config import page_config
from bridge_demo_site.state.visitors import BANNER_COOKIE, TERMS_COOKIE

routes = web.RouteTableDef()

_MODES = {"/text": Mode.BATTLE, "/text/direct": Mode.DIRECT, "/text/side-by-side": Mode.SIDE_BY_SIDE}


@routes.get("/")
async def index(_: web.Request) -> web.Response:
    return _html(index_html())


@routes.get("/text")
@routes.get("/text/direct")
@routes.get("/text/side-by-side")
async def new_chat(request: web.Request) -> web.Response:
    return await _chat_page(request, _MODES[request.path], None)


@routes.get("/c/{session_id}")
async def conversation(request: web.Request) -> web.Response:
    found = request.app[SITE].conversations.find(request.match_info["session_id"])
    if found is None or found.owner != request[VISITOR].context:
        return _html(missing_html(), status=404)
    return await _chat_page(request, found.mode, found)


async def _chat_page(request: web.Request, mode: Mode, found: Conversation | None) -> web.Response:
    """Serve a page, after the failures that a page load can have."""
    site, visitor = request.app[SITE], request[VISITOR]
    site.note("page", visitor, path=request.path)
    faults = {fault.fault: fault for fault in site.faults.take(Moment.PAGE, visitor.passed_at)}
    if slow := faults.get(FaultName.SLOW_PAGE):
        await asyncio.sleep(slow.delay_seconds)
    if FaultName.CHALLENGE_PAGE in faults:
        return _html(challenge_html(back=request.path_qs), status=403)
    return _html(chat_html(_config(request, faults, mode, found)))


def _config(
    request: web.Request, faults: dict[FaultName, Fault], mode: Mode, found: Conversation | None
) -> dict[str, Any]:
    settings, cookies = request.app[SITE].settings, request.cookies
    return page_config(
        faults=set(faults),
        terms=settings.terms and TERMS_COOKIE not in cookies,
        cookie_banner=settings.cookie_banner and BANNER_COOKIE not in cookies,
        login=settings.sign_in and signed_in(request) is None,
        seed=settings.seed,
    ) | {
        "mode": mode,
        "conversation": found.as_page_data() if found else None,
        "modelNames": _revealed_names(request, found),
    }


def _revealed_names(request: web.Request, found: Conversation | None) -> dict[str, str]:
    if found is None or found.vote is None:
        return {}
    return {lane: request.app[SITE].catalog.public_name(model) for lane, model in found.models.items()}


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(
        status=status, text=text, content_type="text/html", headers={"Cache-Control": "no-store"}
    )
