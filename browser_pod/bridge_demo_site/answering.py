"""Answer a chat call: choose what happens to it, plan the answer, write it."""

from random import Random

from aiohttp import web

from bridge_demo_site.answer.marker import BadMarker, Marker, read_marker
from bridge_demo_site.answer.performance import perform
from bridge_demo_site.answer.plan import Question
from bridge_demo_site.html import challenge_html
from bridge_demo_site.site import SITE, VISITOR, DemoSite
from bridge_demo_site.state.chat_body import Refusal
from bridge_demo_site.state.conversations import Conversation, Turn
from bridge_demo_site.state.faults import Fault, Moment
from bridge_demo_site.state.modes import Mode
from bridge_demo_site.state.refusals import HttpAnswer, as_http, instead_of_a_stream
from bridge_demo_site.writing import Writing
from bridge_runtime.logs import get_logger

log = get_logger("demo-site")


def respond(answer: HttpAnswer) -> web.Response:
    return web.Response(
        status=answer.status, text=answer.body, content_type=answer.content_type, headers=answer.headers
    )


async def answer(
    request: web.Request, conversation: Conversation, turn: Turn, position: int | None = None
) -> web.StreamResponse:
    """Answer a message, or fail as its marker or the control API wants; a refused message leaves no trace.

    `position` is where in the conversation the message stands, for one that is answered once more.
    """
    site = request.app[SITE]
    try:
        marker, said = read_marker(turn.content)
    except BadMarker as mistake:
        return respond(as_http(Refusal(400, str(mistake))))
    fault = _fault(request, marker)
    challenge = challenge_html(back="/text/direct")
    if fault and (refused := instead_of_a_stream(fault, request.path, challenge)):
        log.info("refused", fault=fault.fault, status=refused.status)
        return respond(refused)
    conversation.go_on(turn, position)
    site.conversations.keep(conversation)
    number = len(conversation.turns)
    chance = Random(f"{site.settings.seed} {number} {turn.content}")  # noqa: S311 - to cut text, not to keep secrets
    question = _question(request, conversation, said, marker)
    performance = perform(question, fault, challenge, chance)
    return await Writing(site, conversation.session_id, turn, performance).respond(request)


def _fault(request: web.Request, marker: Marker) -> Fault | None:
    if marker.fault:
        return Fault(fault=marker.fault, after=marker.after, retry_after_seconds=marker.retry_after)
    taken = request.app[SITE].faults.take(Moment.CHAT, request[VISITOR].passed_at)
    return taken[0] if taken else None


def _question(request: web.Request, conversation: Conversation, said: str, marker: Marker) -> Question:
    site: DemoSite = request.app[SITE]
    direct = conversation.mode is Mode.DIRECT
    return Question(
        said=said,
        turn=len(conversation.turns),
        marker=marker,
        tokens=site.settings.tokens,
        pace_seconds=site.settings.pace_ms / 1000,
        message_ids=conversation.turns[-1].message_ids,
        with_usage=direct if marker.usage is None else marker.usage,
        prompt=tuple(turn.content for turn in conversation.turns),
        image_url=f"{request.scheme}://{request.host}/static/bridge.svg",
    )
