"""The answer to one message: what the tap shows of the page's own call, as the site's events."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from bridge_api.sites.arena import ArenaMarkers
from bridge_browser.cdp import Body, Ended, ErrorResponse, Exchange, Failed, Redirected, RequestSent, TapEvent
from bridge_browser.sites.arena.reading import AnswerReader
from bridge_browser.sites.arena.signals import moved, of_response
from bridge_browser.sites.base import CatalogModel, Signal, SiteEvent, SiteFailed, SiteFailure

SETTLE_SECONDS: Final = 1.0
"""How long the page may take to see the end of an answer before it is sent to a new chat."""

GONE: Final = frozenset({400, 404, 410})
"""How a site refuses a further message in a conversation that it does not have, or not so."""


class ArenaAnswer:
    """Reads one exchange."""

    def __init__(self, exchange: Exchange, markers: ArenaMarkers, *, further: bool = False) -> None:
        self.whole = False
        """Whether the response has come to its end."""

        self._exchange = exchange
        self._markers = markers
        self._further = further
        self._reader = AnswerReader(markers)

    async def next(self, timeout_seconds: float) -> Sequence[SiteEvent]:
        """Return what has come; nothing where `wake` was called.

        Raises:
            TimeoutError: Nothing came in time.
        """
        taken = await self._exchange.take(timeout_seconds)
        return [event for tap_event in taken for event in self._events_of(tap_event)]

    def wake(self) -> None:
        self._exchange.wake()

    async def settle(self) -> None:
        """Let the page see the end, so that it is not torn away from its own call."""
        try:
            async with asyncio.timeout(SETTLE_SECONDS):  # a site that cannot be stopped may stream for long
                while not self._exchange.over:
                    for event in await self._exchange.take(SETTLE_SECONDS):
                        self.whole = self.whole or isinstance(event, Ended)
        except TimeoutError:
            return

    def _events_of(self, event: TapEvent) -> Iterator[SiteEvent]:
        match event:
            case Body(data):
                yield from self._reader.feed(data)
            case Ended():
                self.whole = True
                yield from self._reader.finish()
            case Redirected(status):
                yield moved(status)
            case ErrorResponse(status, _, _) if self._further and status in GONE:
                yield SiteFailure(
                    Signal.CONVERSATION_GONE, f"The site does not go on with the conversation ({status})."
                )
            case ErrorResponse(status, headers, body):
                yield of_response(status, headers, body, self._markers, now=time.time()) or _odd(status)
            case Failed(why):
                yield SiteFailure(Signal.ANSWER_CUT, f"The site's answer was cut: {why}.")
            case RequestSent():
                return


def _odd(status: int) -> SiteFailure:
    return SiteFailure(Signal.SITE_FAILED, f"The site answered {status}, which is no answer to a message.")


class Wanted(NamedTuple):
    """What the page was asked to send."""

    path: str
    model: CatalogModel
    text: str
    conversation: str | None = None
    """For a further message: the conversation's id."""


class _Call(NamedTuple):
    conversation: str
    model: str
    text: str


def check_request(request: RequestSent, wanted: Wanted) -> str:
    """Make sure that the page has sent what was asked of it, and return the conversation's id.

    Raises:
        SiteFailed: It is another model, another text or another conversation.
    """
    call = _read_call(request.body)
    if call is None:
        raise _not_as_asked("The page's call is not what the adapter knows.")
    if request.path != wanted.path or wanted.conversation not in (None, call.conversation):
        raise _elsewhere(wanted)
    if call.model != wanted.model.id:
        raise (
            _elsewhere(wanted)
            if wanted.conversation
            else _not_as_asked(f"The page asked another model than {wanted.model.name}.")
        )
    if _plain(call.text) != _plain(wanted.text):
        raise _not_as_asked(
            "The page sent another text than was typed. If it shortens long ones, lower site.settings.maxMessageCharacters."
        )
    return call.conversation


def _elsewhere(wanted: Wanted) -> SiteFailed:
    """Say that the message went where it does not belong; a further one can still be sent with its history."""
    if wanted.conversation is None:
        return _not_as_asked("The page did not begin a new chat.")
    return SiteFailed(SiteFailure(Signal.CONVERSATION_GONE, "The page did not go on with its conversation."))


def _not_as_asked(message: str) -> SiteFailed:
    return SiteFailed(SiteFailure(Signal.NOT_AS_ASKED, message))


def _read_call(body: str) -> _Call | None:
    """Read what the page's call carries, or None where it has another shape."""
    try:
        call = json.loads(body)
        read = _Call(call["id"], call["modelAId"], call["userMessage"]["content"])
    except (ValueError, KeyError, TypeError):
        return None
    return read if all(isinstance(value, str) for value in read) else None


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
