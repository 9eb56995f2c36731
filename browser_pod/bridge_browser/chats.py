"""One chat between the slot that has it answered and the handler that writes it to the client, with a bound between."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bridge_api.errors import BridgeError, ErrorKind
from bridge_browser.conversation import Affinity, Thread
from bridge_browser.sites.base import CatalogModel, FinishReason
from bridge_browser.stream import Completed, Delta, DeltaKind, Limits, Piece

OVERHEAD_BYTES: Final = 64
"""What a held piece takes besides its text: answers come in pieces of a few characters."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent, to whom, and what the client asked for."""

    model: CatalogModel
    text: str
    """The whole history."""

    limits: Limits
    max_characters: int
    new_text: str = ""
    """The last message alone, for a page that holds the rest."""

    has_history: bool = False
    thread: Thread | None = None
    """Its place in a conversation, where the pool has pages keep theirs."""

    def text_to_type(self, *, further: bool) -> str:
        """Return what a page that holds the rest, or a new chat, is to be told.

        Raises:
            BridgeError: It is longer than the site takes.
        """
        text = self.new_text if further else self.text
        if len(text) <= self.max_characters:
            return text
        what = "The last message" if further else "The chat"
        raise BridgeError(
            ErrorKind.CONTEXT_LENGTH_EXCEEDED,
            f"{what} has {len(text)} characters as one text; the site takes {self.max_characters}.",
            param="messages",
        )

    def affinity(self, *, further: bool) -> Affinity:
        if self.thread is None or not self.has_history:
            return Affinity.NONE
        return Affinity.HIT if further else Affinity.MISS


class Chat:
    """Pieces go in on the slot's side and out on the client's; either side can end it."""

    def __init__(self, message: Message, *, max_held_bytes: int) -> None:
        self.message = message
        self.end: Completed | BridgeError | None = None
        """How it ended, once it has."""

        self.abandoned = False
        """Nobody reads the answer any more."""

        self.affinity = message.affinity(further=False)
        """What became of the history; certain once there is content."""

        self._content: list[str] = []
        self._held: deque[tuple[Piece, float]] = deque()
        self._held_bytes = 0
        self._max_held_bytes = max_held_bytes
        self._news = asyncio.Event()
        self._on_abandon: Callable[[], None] | None = None
        self._on_end: Callable[[], None] | None = None

    def put(self, pieces: Sequence[Piece], arrived: float) -> None:
        """Hold pieces for the client.

        Raises:
            BridgeError: The client reads too slowly for what may be held.
        """
        for piece in pieces:
            self._held.append((piece, arrived))
            self._held_bytes += _size(piece)
            if isinstance(piece, Delta) and piece.kind is DeltaKind.CONTENT:
                self._content.append(piece.text)
        if self._held_bytes > self._max_held_bytes:
            raise BridgeError(
                ErrorKind.CLIENT_TOO_SLOW,
                f"The client left {self._held_bytes} bytes of the answer unread; the answer was stopped.",
            )
        self._news.set()

    def finish(self, end: Completed | BridgeError) -> None:
        """Say how it ended; the first word counts."""
        if self.end is None:
            self.end = end
            self._news.set()
            if self._on_end is not None:
                self._on_end()

    async def take(self) -> list[tuple[Piece, float]]:
        """Wait for pieces and return all that are held, each with its time of arrival; none where it has ended."""
        while not self._held and self.end is None:
            self._news.clear()
            await self._news.wait()
        taken = list(self._held)
        self._held.clear()
        self._held_bytes = 0
        return taken

    def abandon(self) -> None:
        """The client wants no more; does nothing once the chat has ended."""
        if self.end is None and not self.abandoned:
            self.abandoned = True
            if self._on_abandon is not None:
                self._on_abandon()

    @property
    def content(self) -> str:
        """What the client gets as the answer's content: what it will send back as history."""
        return "".join(self._content)

    @property
    def completed(self) -> Completed:
        """The end of a chat that has not failed."""
        if not isinstance(self.end, Completed):
            raise TypeError(f"the chat has not been completed: {self.end!r}")
        return self.end

    @property
    def must_be_stopped(self) -> bool:
        """Whether the site may go on with an answer that nobody wants: all but a whole one."""
        return not (isinstance(self.end, Completed) and not self.end.cut)

    def when_ended(self, tell: Callable[[], None]) -> None:
        """Have the writer told, at once where it has ended already."""
        self._on_end = tell
        if self.end is not None:
            tell()

    def when_abandoned(self, wake: Callable[[], None]) -> None:
        """Have whoever waits for the site told of it."""
        self._on_abandon = wake


def name_to_keep(chat: Chat, end: Completed) -> str | None:
    """Name the conversation that the page holds after the whole of an answer that the client got; None after any other."""
    if chat.message.thread is None or end.cut or end.finish_reason is FinishReason.CONTENT_FILTER:
        return None
    return chat.message.thread.after(chat.content)


def _size(piece: Piece) -> int:
    text = piece.text if isinstance(piece, Delta) else piece.url + piece.title
    return OVERHEAD_BYTES + len(text.encode())
