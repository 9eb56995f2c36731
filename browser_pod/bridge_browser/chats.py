"""One chat between the slot that has it answered and the handler that writes it to the client, with a bound between."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bridge_api.errors import BridgeError, ErrorKind
from bridge_browser.sites.base import CatalogModel
from bridge_browser.stream import Completed, Delta, Limits, Piece

OVERHEAD_BYTES: Final = 64
"""What a held piece takes besides its text: answers come in pieces of a few characters."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent, to whom, and what the client asked for."""

    model: CatalogModel
    text: str
    limits: Limits


class Chat:
    """Pieces go in on the slot's side and out on the client's; either side can end it."""

    def __init__(self, message: Message, *, max_held_bytes: int) -> None:
        self.message = message
        self.end: Completed | BridgeError | None = None
        """How it ended, once it has."""

        self.abandoned = False
        """Nobody reads the answer any more."""

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


def _size(piece: Piece) -> int:
    text = piece.text if isinstance(piece, Delta) else piece.url + piece.title
    return OVERHEAD_BYTES + len(text.encode())
