"""The page's small calls: models, login, votes, and passing a challenge."""

import time
from uuid import uuid4

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bridge_demo_site.identity import signed_in
from bridge_demo_site.site import SITE, VISITOR
from bridge_demo_site.state.conversations import Choice
from bridge_demo_site.state.visitors import (
    CLEARANCE_COOKIE,
    SESSION_COOKIE,
    SESSION_SECONDS,
    session_cookie,
)

routes = web.RouteTableDef()


class Login(BaseModel):
    email: str
    password: str


class Vote(BaseModel):
    session_id: str
    choice: Choice


@routes.get("/nextjs-api/model-catalog")
async def model_catalog(request: web.Request) -> web.Response:
    request.app[SITE].note("catalog", request[VISITOR])
    return web.json_response(request.app[SITE].catalog.arenas)


@routes.get("/api/me")
async def who_am_i(request: web.Request) -> web.Response:
    email = signed_in(request)
    if email is None:
        return web.json_response({"error": "Unauthorized"}, status=401)
    return web.json_response({"user": {"id": request[VISITOR].context, "email": email}})


@routes.post("/api/login")
async def log_in(request: web.Request) -> web.Response:
    """Log in with any address and password that are not empty."""
    try:
        login = Login.model_validate_json(await request.read())
    except ValidationError:
        return web.json_response({"error": "Give an email and a password"}, status=400)
    if not login.email or not login.password:
        return web.json_response({"error": "Give an email and a password"}, status=400)
    site, visitor, token, now = request.app[SITE], request[VISITOR], str(uuid4()), time.time()
    site.visitors.log_in(token, login.email)
    visitor.passed_at = now
    site.note("login", visitor)
    response = web.json_response({"user": {"id": visitor.context, "email": login.email}})
    cookie = session_cookie(token, str(uuid4()), int(now) + SESSION_SECONDS)
    response.set_cookie(SESSION_COOKIE, cookie, max_age=SESSION_SECONDS, samesite="Lax")
    return response


@routes.post("/api/vote")
async def vote(request: web.Request) -> web.Response:
    """Take a vote, and reveal the models."""
    try:
        given = Vote.model_validate_json(await request.read())
    except ValidationError:
        return web.json_response({"error": "Invalid vote"}, status=400)
    site, visitor = request.app[SITE], request[VISITOR]
    conversation = site.conversations.find(given.session_id)
    if conversation is None or conversation.owner != visitor.context:
        return web.json_response({"error": "Evaluation session not found"}, status=404)
    conversation.vote = given.choice
    site.note("vote", visitor, sessionId=given.session_id, choice=given.choice)
    names = {lane: site.catalog.public_name(model) for lane, model in conversation.models.items()}
    return web.json_response({"models": names})


@routes.post("/_demo/human")
async def pass_challenge(request: web.Request) -> web.Response:
    """Take a person's word on the challenge page, and lead back to where they were going."""
    form = await request.post()
    back = str(form.get("back", "/"))
    request[VISITOR].passed_at = time.time()
    response = web.Response(
        status=303, headers={"Location": back if back.startswith("/text") else "/text/direct"}
    )
    response.set_cookie(CLEARANCE_COOKIE, str(uuid4()), samesite="Lax")
    return response
