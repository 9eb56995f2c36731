"""The shapes of the OpenAI API in which an answer goes out.

Source: OpenAI API reference, "The chat completion object" and "The chat completion chunk object"; `reasoning_content` as
other servers of this API have it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bridge_browser.stream import Completed, Delta, DeltaKind, Piece, Source, Usage


@dataclass(frozen=True, slots=True)
class ChunkMaker:
    """Makes the chunks of one completion."""

    id: str
    created: int
    model: str

    def role(self) -> dict[str, Any]:
        return self._chunk({"role": "assistant", "content": ""})

    def piece(self, piece: Piece) -> dict[str, Any]:
        if isinstance(piece, Source):
            return self._chunk({"annotations": [_annotation(piece)]})
        return self._chunk({piece.kind.value: piece.text})

    def finish(self, completed: Completed) -> dict[str, Any]:
        return self._chunk({}, completed.finish_reason.value)

    def usage(self, completed: Completed) -> dict[str, Any]:
        return self._head("chat.completion.chunk") | {"choices": [], "usage": _usage(completed.usage)}

    def completion(self, pieces: Sequence[Piece], completed: Completed) -> dict[str, Any]:
        """Make the whole answer of a request that does not stream."""
        message: dict[str, Any] = {
            "role": "assistant",
            "content": _joined(pieces, DeltaKind.CONTENT),
            "refusal": None,
        }
        if reasoning := _joined(pieces, DeltaKind.REASONING):
            message["reasoning_content"] = reasoning
        if annotations := [_annotation(piece) for piece in pieces if isinstance(piece, Source)]:
            message["annotations"] = annotations
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": completed.finish_reason.value,
        }
        return self._head("chat.completion") | {"choices": [choice], "usage": _usage(completed.usage)}

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._head("chat.completion.chunk") | {"choices": [choice]}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def _joined(pieces: Sequence[Piece], kind: DeltaKind) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Delta) and piece.kind is kind)


def _annotation(source: Source) -> dict[str, Any]:
    citation = {
        "url": source.url,
        "title": source.title,
        "start_index": source.position,
        "end_index": source.position,
    }
    return {"type": "url_citation", "url_citation": citation}


def _usage(usage: Usage) -> dict[str, Any]:
    tokens = usage.tokens
    counts: dict[str, Any] = {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "total_tokens": tokens.prompt + tokens.completion,
    }
    return counts | ({"estimated": True} if usage.estimated else {})
