"""The seam between an instance and a kind of chat page: what a page can be asked, and what it says."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bridge_api.wire.instance import SiteModel


class Signal(StrEnum):
    """What a site or its page has shown instead of what was asked of it."""

    CHALLENGE = "Challenge"
    LOGIN_REQUIRED = "LoginRequired"
    TERMS_NOT_ACCEPTED = "TermsNotAccepted"
    RATE_LIMITED = "RateLimited"
    CONTENT_REFUSED = "ContentRefused"
    MESSAGE_TOO_LARGE = "MessageTooLarge"
    REQUEST_REFUSED = "RequestRefused"
    MODEL_FAILED = "ModelFailed"
    SITE_FAILED = "SiteFailed"
    MOVED = "Moved"
    EMPTY_ANSWER = "EmptyAnswer"
    UNFINISHED_ANSWER = "UnfinishedAnswer"
    ANSWER_CUT = "AnswerCut"
    NOT_AN_ANSWER = "NotAnAnswer"
    NOT_AS_ASKED = "NotAsAsked"
    CONVERSATION_GONE = "ConversationGone"
    PAGE_LOST = "PageLost"
    CONTROL_MISSING = "ControlMissing"
    CATALOG_MISSING = "CatalogMissing"
    SITE_UNREACHABLE = "SiteUnreachable"
    PROXY_UNREACHABLE = "ProxyUnreachable"
    PROXY_REFUSED = "ProxyRefused"


@dataclass(frozen=True, slots=True)
class SiteFailure:
    """One signal, with what a person should know; never a message's text."""

    signal: Signal
    message: str
    retry_after_seconds: float | None = None
    """What the site asked for, where it did."""


class SiteFailed(Exception):
    """A failure on its way from a page to the slot."""

    def __init__(self, failure: SiteFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class FinishReason(StrEnum):
    STOP = "stop"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"


@dataclass(frozen=True, slots=True)
class TokenCount:
    prompt: int
    completion: int


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str


@dataclass(frozen=True, slots=True)
class Image:
    url: str


@dataclass(frozen=True, slots=True)
class Citation:
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A sign of life without content."""


@dataclass(frozen=True, slots=True)
class Finish:
    reason: FinishReason
    tokens: TokenCount | None = None
    """The site's own count, where it gives one."""


SiteEvent = TextDelta | ReasoningDelta | Image | Citation | Heartbeat | Finish | SiteFailure


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """A model that can be picked on the page."""

    id: str
    """The site's own id, as in the page's call."""

    name: str
    """The name that the page shows."""

    offered: SiteModel
    """The name that clients use."""

    ordinal: int = 0
    """Which of the pickable models of this name and organization, from 0."""


class Answer(Protocol):
    """The answer to one message, as the page itself receives it."""

    async def next(self, timeout_seconds: float) -> Sequence[SiteEvent]:
        """Return what has come; nothing where `wake` was called.

        Raises:
            TimeoutError: Nothing came in time.
        """
        ...

    def wake(self) -> None:
        """End a wait of `next` at once."""
        ...


class ChatPage(Protocol):
    """One page of the site. Its gestures are for one caller at a time, and are never cancelled halfway."""

    @property
    def models(self) -> Sequence[CatalogModel]:
        """Models that the page has shown in its own list; empty until it has."""
        ...

    @property
    def lost(self) -> bool:
        """Whether it can be used no more: it has crashed, hangs or was closed."""
        ...

    @property
    def in_conversation(self) -> bool:
        """Whether a further message would follow the answer that was last sent and has come to its end."""
        ...

    def when_lost(self, tell: Callable[[], None]) -> None:
        """Have somebody told as soon as it is lost, or has left its conversation."""
        ...

    async def open(self) -> SiteFailure | None:
        """Open a new chat and make it ready for a message; return what is in the way."""
        ...

    async def look(self) -> SiteFailure | None:
        """Look at the page as it is, without touching it; return what is in the way."""
        ...

    def send(
        self, model: CatalogModel, text: str, *, further: bool = False
    ) -> AbstractAsyncContextManager[Answer]:
        """Type the text and send it, to a model in a new chat or as a `further` message; the answer is there for the block.

        Raises:
            SiteFailed: The page did not do it; `ConversationGone` where it is not where the further message belongs.
        """
        ...

    async def stop(self) -> None:
        """Press the site's stop control, where it is shown."""
        ...


class ChatContext(Protocol):
    """A slot's own context: cookies and storage outlive its pages."""

    def page(self) -> AbstractAsyncContextManager[ChatPage]:
        """Give a page for the block."""
        ...


class Site(Protocol):
    """A site as an adapter drives it, in one browser."""

    def context(self) -> AbstractAsyncContextManager[ChatContext]:
        """Give a context of its own for the block."""
        ...
