"""The name of a conversation: a keyed hash that router and pods work out alike, and that tells others nothing.

One computation for both sides, so that they cannot disagree: a page holds the conversation that a request goes on with
exactly where their names are equal (docs/conversations.md).
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

ANONYMOUS: Final = ""
"""The key id of whoever asks where there are no API keys; no key can have it as its name."""

_LABEL: Final = b"lmarenabridge.dev conversations v1"
_NO_TOKEN: Final = b"a pod without a token is on loopback and asks nobody who he is"
_SPEAKERS: Final = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_USER, _ASSISTANT = "user", "assistant"


class Turn(NamedTuple):
    """One message, as far as it counts for what a page holds."""

    speaker: str
    text: str


class Parties(NamedTuple):
    """Whose conversation it is, and with whom."""

    key_id: str
    """The API key's id, or `ANONYMOUS`."""

    model: str
    """The site's own name of the model: an alias leads to the same conversation, another model never."""


def conversation_secret(pool_token: str | None) -> bytes:
    """Derive what the names of one pool are keyed with: HMAC-SHA256 of a label under the pool's token."""
    token = _NO_TOKEN if pool_token is None else pool_token.encode()
    return hmac.new(token, _LABEL, hashlib.sha256).digest()


def read_turns(messages: Any) -> tuple[Turn, ...]:
    """Read the `messages` of a decoded request; empty where anything in them is more than text."""
    if not isinstance(messages, list):
        return ()
    turns = [turn for message in messages if (turn := _read_turn(message)) is not None]
    return tuple(turns) if len(turns) == len(messages) else ()


def history_of(turns: Sequence[Turn]) -> Sequence[Turn]:
    """Return what a page must hold for the one new message to be enough; empty where no page can."""
    if len(turns) > 1 and turns[-1].speaker == _USER and turns[-2].speaker == _ASSISTANT:
        return turns[:-1]
    return ()


def answered(turns: Sequence[Turn], answer: str) -> Sequence[Turn]:
    """Return the conversation that a page holds once it has answered."""
    return (*turns, Turn(_ASSISTANT, normalised(answer)))


def conversation_name(secret: bytes, parties: Parties, turns: Sequence[Turn]) -> str:
    """Name a conversation: HMAC-SHA256 over the parties and every turn, none of which can pass for another."""
    whole = json.dumps([*parties, *(list(turn) for turn in turns)], separators=(",", ":"))
    return hmac.new(secret, whole.encode(), hashlib.sha256).hexdigest()


def normalised(text: str) -> str:
    """Make alike what clients make of the same text: line ends, and white space around the whole."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _read_turn(message: Any) -> Turn | None:
    if not isinstance(message, dict) or message.get("tool_calls") or message.get("function_call"):
        return None
    role, text = message.get("role"), _read_text(message.get("content"))
    speaker = _SPEAKERS.get(role) if isinstance(role, str) else None
    return None if speaker is None or text is None else Turn(speaker, normalised(text))


def _read_text(content: Any) -> str | None:
    """Join the parts of a content as the API does: without anything between them."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    texts = [part["text"] for part in content if _is_text(part)]
    return "".join(texts) if len(texts) == len(content) else None


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)
