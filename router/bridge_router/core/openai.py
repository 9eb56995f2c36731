"""As much of the OpenAI API as a balancer must read: a request's model and stream, an answer's first content and end."""

import json
from typing import Any, NamedTuple

from bridge_api.conversation import Turn, read_turns
from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.sse import EventSplitter, data_of

MAX_EVENT_BYTES = 8 * 2**20
"""Longest event that is held until its blank line comes; a page's whole answer in one event is far below it."""

_CONTENT_KEYS = ("content", "reasoning_content", "reasoning", "refusal", "tool_calls")
_ERROR_START = b'data: {"error"'


class ChatRequest(NamedTuple):
    """What the router needs of a chat completion request; the pod checks the rest."""

    model: str | None
    stream: bool
    turns: tuple[Turn, ...] = ()
    """The messages, as far as they can be a page's conversation."""


class Notice(NamedTuple):
    """What one event says that matters to the router."""

    content: bool = False
    done: bool = False
    error: dict[str, Any] | None = None


class EventTooLong(Exception):
    """The answer holds an event that never ends."""


def parse_chat_request(body: bytes) -> ChatRequest:
    """Read model, stream and messages.

    Raises:
        BridgeError: 400, where the body cannot be meant for this API.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as invalid:
        raise BridgeError(ErrorKind.BAD_REQUEST, f"The body is not JSON: {invalid}") from None
    if not isinstance(value, dict):
        raise BridgeError(ErrorKind.BAD_REQUEST, "The body must be a JSON object.")
    model, stream = value.get("model"), value.get("stream")
    if not isinstance(model, str | None):
        raise BridgeError(ErrorKind.BAD_REQUEST, "model must be a string.", param="model")
    if not isinstance(stream, bool | None):
        raise BridgeError(ErrorKind.BAD_REQUEST, "stream must be true or false.", param="stream")
    return ChatRequest(model or None, bool(stream), read_turns(value.get("messages")))


def parse_error(body: bytes) -> dict[str, Any] | None:
    """Read the error object of a body, or None where the body is no error of OpenAI's shape."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    error = value.get("error") if isinstance(value, dict) else None
    return error if isinstance(error, dict) else None


class AnswerWatch:
    """Cuts a streamed answer into whole events and notes how far it has come."""

    def __init__(self) -> None:
        self._splitter = EventSplitter()
        self.has_content = False
        self.is_done = False
        self.error: dict[str, Any] | None = None

    @property
    def has_ended_properly(self) -> bool:
        """Whether the client has been told how the answer ended."""
        return self.is_done or self.error is not None

    def feed(self, piece: bytes) -> bytes:
        """Take in bytes and return those that make whole events: a cut must not leave a client with half of one.

        Raises:
            EventTooLong: An event is longer than is held for it.
        """
        whole = []
        for event in self._splitter.feed(piece):
            whole.append(event)
            self._note(event)
        if len(self._splitter.rest) > MAX_EVENT_BYTES:
            raise EventTooLong
        return b"".join(whole)

    def _note(self, event: bytes) -> None:
        # Once content has been seen only the end matters: that is cheap to look for, and JSON is not.
        if self.has_content and not event.startswith((b"data: [DONE]", _ERROR_START)):
            return
        notice = read_event(event)
        self.has_content = self.has_content or notice.content
        self.is_done = self.is_done or notice.done
        self.error = self.error or notice.error


def read_event(event: bytes) -> Notice:
    """Say what a whole event of a streamed answer is."""
    data = data_of(event)
    if data is None:
        return Notice()
    if data.strip() == b"[DONE]":
        return Notice(done=True)
    try:
        chunk = json.loads(data)
    except (ValueError, RecursionError):
        return Notice()
    if not isinstance(chunk, dict):
        return Notice()
    if isinstance(error := chunk.get("error"), dict):
        return Notice(error=error)
    return Notice(content=any(_has_content(choice) for choice in chunk.get("choices") or ()))


def _has_content(choice: Any) -> bool:
    delta = choice.get("delta") if isinstance(choice, dict) else None
    return isinstance(delta, dict) and any(delta.get(key) for key in _CONTENT_KEYS)
