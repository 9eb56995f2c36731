"""Read a chat's answer, streamed or whole: pieces of content and reasoning, or the error it ended with."""

import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import aiohttp
import click

from bridge_api import sse
from bridge_cli import api

PIECE_BYTES = 1 << 16


class Piece(NamedTuple):
    text: str
    is_reasoning: bool = False


async def ask(session: aiohttp.ClientSession, base_url: str, body: dict[str, Any]) -> AsyncIterator[Piece]:
    """Send a chat and yield the answer as it comes.

    Raises:
        click.ClickException: An error answer, an error event, or an end before the answer was whole.
    """
    async with session.post(f"{base_url.rstrip('/')}/chat/completions", json=body) as response:
        await api.refuse_errors(response)
        if not body["stream"]:
            for piece in _pieces_of((await response.json())["choices"][0]["message"]):
                yield piece
            return
        async for chunk in _chunks(response):
            for choice in chunk.get("choices", ())[:1]:
                for piece in _pieces_of(choice.get("delta", {})):
                    yield piece


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    splitter = sse.EventSplitter()
    async for received in response.content.iter_chunked(PIECE_BYTES):
        for event in splitter.feed(received):
            data = sse.data_of(event)
            if data is None:
                continue
            if data == b"[DONE]":
                return
            chunk = json.loads(data)
            if "error" in chunk:
                raise click.ClickException(api.describe_error(chunk))
            yield chunk
    raise click.ClickException("the answer broke off before it was whole")


def _pieces_of(message: dict[str, Any]) -> list[Piece]:
    reasoning, content = message.get("reasoning_content"), message.get("content")
    return [
        *([Piece(reasoning, is_reasoning=True)] if reasoning else []),
        *([Piece(content)] if content else []),
    ]
