"""The answer to one message: what the tap shows of the page's own call, as the site's events."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from typing import Final

from bridge_api.sites.arena import ArenaMarkers
from bridge_browser.cdp import Body, Ended, ErrorResponse, Exchange, Failed, Redirected, RequestSent, TapEvent
from bridge_browser.sites.arena.reading import AnswerReader
from bridge_browser.sites.arena.signals import moved, of_response
from bridge_browser.sites.base import CatalogModel, Signal, SiteEvent, SiteFailed, SiteFailure

SETTLE_SECONDS: Final = 1.0
"""How long the page may take to see the end of an answer before it is sent to a new chat."""


class ArenaAnswer:
    """Reads one exchange."""

    def __init__(self, exchange: Exchange, markers: ArenaMarkers) -> None:
        self._exchange = exchange
        self._markers = markers
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
                    await self._exchange.take(SETTLE_SECONDS)
        except TimeoutError:
            return

    def _events_of(self, event: TapEvent) -> Iterator[SiteEvent]:
        match event:
            case Body(data):
                yield from self._reader.feed(data)
            case Ended():
                yield from self._reader.finish()
            case Redirected(status):
                yield moved(status)
            case ErrorResponse(status, headers, body):
                yield of_response(status, headers, body, self._markers, now=time.time()) or _odd(status)
            case Failed(why):
                yield SiteFailure(Signal.ANSWER_CUT, f"The site's answer was cut: {why}.")
            case RequestSent():
                return


def _odd(status: int) -> SiteFailure:
    return SiteFailure(Signal.SITE_FAILED, f"The site answered {status}, which is no answer to a message.")


def check_request(request: RequestSent, model: CatalogModel, text: str) -> None:
    """Make sure that the page has sent what was asked of it.

    Raises:
        SiteFailed: It is another model, or another text.
    """
    sent = _sent(request.body)
    if sent is None:
        raise SiteFailed(SiteFailure(Signal.NOT_AS_ASKED, "The page's call is not what the adapter knows."))
    sent_model, sent_text = sent
    if sent_model != model.id:
        raise SiteFailed(SiteFailure(Signal.NOT_AS_ASKED, f"The page asked another model than {model.name}."))
    if _plain(sent_text) != _plain(text):
        raise SiteFailed(
            SiteFailure(
                Signal.NOT_AS_ASKED,
                "The page sent another text than was typed. If it shortens long ones, lower site.settings.maxMessageCharacters.",
            )
        )


def _sent(body: str) -> tuple[str, str] | None:
    """Read which model and which text the page's call carries, or None where it has another shape."""
    try:
        call = json.loads(body)
        model, text = call["modelAId"], call["userMessage"]["content"]
    except (ValueError, KeyError, TypeError):
        return None
    return (model, text) if isinstance(model, str) and isinstance(text, str) else None


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
