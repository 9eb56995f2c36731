"""The text that is typed: a lone message as it is, a longer history as one clearly marked transcript, nothing dropped."""

from collections.abc import Sequence
from typing import Final

from bridge_api.chat import Message

_SPEAKERS: Final = {"system": "System", "developer": "System", "user": "User", "assistant": "Assistant"}
_INTRODUCTION: Final = (
    "This is a conversation so far, message by message. Answer the last message, as the assistant; "
    "follow the system's messages."
)


def text_to_type(messages: Sequence[Message]) -> str:
    """Write the messages as one text, in their order."""
    if len(messages) == 1 and messages[0].role == "user":
        return messages[0].text
    parts = [f"[{_SPEAKERS[message.role]}]\n{message.text}" for message in messages]
    return "\n\n".join([_INTRODUCTION, *parts])
