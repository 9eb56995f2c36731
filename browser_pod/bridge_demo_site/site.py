"""The running site: its settings, its memory, and what is open now."""

import asyncio
import time
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web

from bridge_demo_site.metrics import Metrics
from bridge_demo_site.settings import DemoSiteSettings
from bridge_demo_site.state.catalog import Catalog
from bridge_demo_site.state.conversations import Conversations
from bridge_demo_site.state.faults import FaultBook
from bridge_demo_site.state.journal import Journal
from bridge_demo_site.state.visitors import Visitor, Visitors


class Interruption(StrEnum):
    STOPPED = "stopped"
    """The page asked for it: the stream ends as the site ends it."""

    CLOSED = "closed"
    """Nobody will read on: the connection is dropped."""


class RunningAnswer:
    """An answer that is being written, and what others want of it."""

    def __init__(self, *, deaf: bool) -> None:
        self._deaf = deaf
        self.interrupted = asyncio.Event()
        self.wish: Interruption | None = None

    def interrupt(self, wish: Interruption) -> None:
        """End the answer; a deaf one hears no stop, as where the site hangs."""
        if self._deaf and wish is Interruption.STOPPED:
            return
        self.wish = wish
        self.interrupted.set()


@dataclass(slots=True)
class DemoSite:
    settings: DemoSiteSettings
    catalog: Catalog
    metrics: Metrics = field(default_factory=Metrics)
    journal: Journal = field(default_factory=Journal)
    faults: FaultBook = field(default_factory=FaultBook)
    conversations: Conversations = field(default_factory=Conversations)
    visitors: Visitors = field(default_factory=Visitors)
    running: dict[str, RunningAnswer] = field(default_factory=dict)
    """Answers by their session."""

    def close_answers(self) -> None:
        """Drop every open stream, because the server ends."""
        for answer in self.running.values():
            answer.interrupt(Interruption.CLOSED)

    def note(self, kind: str, visitor: Visitor, **facts: object) -> None:
        """Write into the journal."""
        self.journal.note(kind, time.time(), visitor.context, **facts)


SITE = web.AppKey("site", DemoSite)
VISITOR = web.RequestKey("visitor", Visitor)
