"""Carry one answer from the page to the chat, within its deadlines."""

import asyncio
from collections.abc import Sequence

from bridge_api.spec import TimeoutsSpec
from bridge_browser.chats import Chat
from bridge_browser.deadlines import Deadlines
from bridge_browser.sites.base import Answer, SiteEvent, SiteFailed, SiteFailure
from bridge_browser.stream import AnswerStream, Completed, Piece


async def relay(answer: Answer, chat: Chat, timeouts: TimeoutsSpec) -> Completed | None:
    """Pass on pieces until the answer has ended, and return how; None where nobody wants it any more.

    Raises:
        BridgeError: A deadline has passed, or the client reads too slowly.
        SiteFailed: The site failed.
    """
    stream = AnswerStream(chat.message.limits, chat.message.text)
    deadlines = Deadlines(timeouts, _now())
    while stream.end is None and not chat.abandoned:
        events = await _next(answer, deadlines)
        now = _now()
        pieces = _feed(stream, events)
        if events:
            deadlines.note_life(now, content=bool(pieces))
        chat.put(pieces, now)
    if isinstance(stream.end, SiteFailure):
        raise SiteFailed(stream.end)
    return stream.end


async def _next(answer: Answer, deadlines: Deadlines) -> Sequence[SiteEvent]:
    try:
        return await answer.next(deadlines.remaining(_now()))
    except TimeoutError:
        raise deadlines.passed(_now()) from None


def _feed(stream: AnswerStream, events: Sequence[SiteEvent]) -> list[Piece]:
    return [piece for event in events for piece in stream.feed(event)]


def _now() -> float:
    return asyncio.get_running_loop().time()
