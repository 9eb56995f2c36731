"""The calls that the page makes for a chat: a new one, a further message, a reply once more, a stop."""

from aiohttp import web

from bridge_demo_site.answering import answer, respond
from bridge_demo_site.identity import signed_in
from bridge_demo_site.site import SITE, VISITOR, Interruption
from bridge_demo_site.state.battle import lane_models
from bridge_demo_site.state.chat_body import (
    ChatBody,
    Refusal,
    parse_body,
    refusal_of_content,
    refusal_of_models,
)
from bridge_demo_site.state.conversations import Conversation, Turn
from bridge_demo_site.state.modes import Lane
from bridge_demo_site.state.refusals import as_http

routes = web.RouteTableDef()


@routes.post("/nextjs-api/stream/create-evaluation")
async def create(request: web.Request) -> web.StreamResponse:
    """Begin a conversation."""
    body = await _read_body(request)
    if isinstance(body, Refusal):
        return respond(as_http(body))
    site = request.app[SITE]
    _note_chat(request, body, follow_up=False)
    selectable = site.catalog.selectable_ids()
    refusal = refusal_of_content(body) or refusal_of_models(body, selectable)
    if refusal is None and site.conversations.find(body.id):
        refusal = Refusal(400, "Duplicate evaluation session id")
    if refusal:
        return respond(as_http(refusal))
    models = lane_models(body, selectable)
    conversation = Conversation(body.id, request[VISITOR].context, body.mode, models)
    return await answer(request, conversation, _turn(body))


@routes.post("/nextjs-api/stream/post-to-evaluation/{session_id}")
async def follow_up(request: web.Request) -> web.StreamResponse:
    """Answer a further message."""
    body = await _read_body(request)
    if isinstance(body, Refusal):
        return respond(as_http(body))
    _note_chat(request, body, follow_up=True)
    conversation = _own_conversation(request)
    if isinstance(conversation, Refusal):
        return respond(as_http(conversation))
    turn = _turn(body)
    refusal = refusal_of_content(body)
    if body.id != conversation.session_id or body.mode is not conversation.mode:
        refusal = Refusal(400, "The body does not fit the evaluation session")
    elif conversation.message_ids() & {turn.user_message_id, *turn.message_ids.values()}:
        refusal = Refusal(400, "Duplicate message id")
    if refusal:
        return respond(as_http(refusal))
    return await answer(request, conversation, turn)


@routes.put("/nextjs-api/stream/retry-evaluation-session-message/{session_id}/messages/{message_id}")
async def retry(request: web.Request) -> web.StreamResponse:
    """Answer a message once more; whatever history the client sends is ignored, as on the site."""
    message_id = request.match_info["message_id"]
    request.app[SITE].note(
        "retry", request[VISITOR], sessionId=request.match_info["session_id"], messageId=message_id
    )
    conversation = _own_conversation(request)
    if isinstance(conversation, Refusal):
        return respond(as_http(conversation))
    number = conversation.turn_of_reply(message_id)
    if number is None:
        return respond(as_http(Refusal(404, "Message not found")))
    return await answer(request, conversation, conversation.turns[number].unanswered(), number)


@routes.post("/nextjs-api/stream/stop/{session_id}/messages/{user_message_id}")
async def stop(request: web.Request) -> web.StreamResponse:
    """End the running answer of a conversation."""
    site, session_id = request.app[SITE], request.match_info["session_id"]
    site.note("stop", request[VISITOR], sessionId=session_id)
    conversation = _own_conversation(request)
    if isinstance(conversation, Refusal):
        return respond(as_http(conversation))
    running = site.running.get(session_id)
    if running:
        running.interrupt(Interruption.STOPPED)
    return web.json_response({"stopped": running is not None})


async def _read_body(request: web.Request) -> ChatBody | Refusal:
    try:
        data = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return Refusal(413, "Request Entity Too Large")
    if request.app[SITE].settings.sign_in and not signed_in(request):
        return Refusal(401, "LOGIN_GATE")
    return parse_body(data)


def _note_chat(request: web.Request, body: ChatBody, *, follow_up: bool) -> None:
    request.app[SITE].note(
        "chat",
        request[VISITOR],
        mode=body.mode,
        modality=body.modality,
        modelAId=body.model_a_id,
        modelBId=body.model_b_id,
        content=body.user_message.content,
        attachments=len(body.user_message.attachments),
        sessionId=body.id,
        follow_up=follow_up,
    )


def _own_conversation(request: web.Request) -> Conversation | Refusal:
    """Find the conversation of the path, if this visitor began it."""
    session_id, context = request.match_info["session_id"], request[VISITOR].context
    conversation = request.app[SITE].conversations.find(session_id)
    if conversation is None:
        return Refusal(404, f"Evaluation session {session_id} not found")
    if conversation.owner != context:
        return Refusal(401, f"User {context} does not have access to evaluation session {session_id}")
    return conversation


def _turn(body: ChatBody) -> Turn:
    message_ids = {Lane.A: body.model_a_message_id}
    if body.model_b_message_id:
        message_ids[Lane.B] = body.model_b_message_id
    return Turn(body.user_message_id, body.user_message.content, message_ids)
