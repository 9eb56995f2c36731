"""A client: one chat over HTTP as the OpenAI API has it, and when what came."""

import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from bench.support.systems import Part
from bridge_api import names, sse

MODEL: Final = "lumen-pro"
CHAT_SECONDS: Final = 120.0
OK: Final = 200


@dataclass(slots=True)
class Outcome:
    """How a chat went; times are of the monotonic clock."""

    began: float
    text: str = ""
    error: str | None = None
    """The error's code; None: answered."""

    instance: str = ""
    first_content: float | None = None
    ended: float = 0.0

    @property
    def answered(self) -> bool:
        return self.error is None

    @property
    def seconds_to_content(self) -> float:
        return (self.ended if self.first_content is None else self.first_content) - self.began


@dataclass(slots=True)
class Client:
    """Chats with one address, until closed."""

    http: aiohttp.ClientSession
    url: str
    hear: Callable[[str], None] = field(default=lambda _: None)

    async def chat(self, text: str, *, stream: bool = True, outcome: Outcome | None = None) -> Outcome:
        """Send one message and read its answer to the end; `outcome` shows how far it is meanwhile."""
        outcome = outcome or Outcome(time.monotonic())
        body = {"model": MODEL, "messages": [{"role": "user", "content": text}], "stream": stream}
        try:
            async with self.http.post(f"{self.url}/v1/chat/completions", json=body) as response:
                outcome.instance = response.headers.get(names.INSTANCE, "")
                if stream and response.status == OK:
                    await self._read(response, outcome)
                else:
                    _read_whole(await response.json(), outcome)
        except (aiohttp.ClientError, TimeoutError, ValueError) as failed:
            outcome.error = type(failed).__name__
        outcome.ended = time.monotonic()
        return outcome

    async def _read(self, response: aiohttp.ClientResponse, outcome: Outcome) -> None:
        outcome.error = "cut"
        async for event in _events(response):
            if event == "[DONE]":
                outcome.error = None
            elif "error" in event:
                outcome.error = event["error"]["code"]
                return
            else:
                self._take(event, outcome)

    def _take(self, event: Any, outcome: Outcome) -> None:
        for choice in event.get("choices", ()):
            if text := choice["delta"].get("reasoning_content") or choice["delta"].get("content"):
                if outcome.first_content is None:
                    outcome.first_content = time.monotonic()
                outcome.text += text
                self.hear(text)


def _read_whole(body: Any, outcome: Outcome) -> None:
    if "error" in body:
        outcome.error = body["error"]["code"]
    else:
        outcome.text = body["choices"][0]["message"]["content"]


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[Any]:
    splitter = sse.EventSplitter()
    async for received in response.content.iter_any():
        for event in splitter.feed(received):
            data = sse.data_of(event)
            if data is not None:
                yield "[DONE]" if data == b"[DONE]" else json.loads(data)


def session(part: Part) -> aiohttp.ClientSession:
    """Make a session with the part's token and enough connections."""
    headers = {"Authorization": f"Bearer {part.token or 'any'}"}
    timeout = aiohttp.ClientTimeout(total=CHAT_SECONDS)
    return aiohttp.ClientSession(headers=headers, timeout=timeout, connector=aiohttp.TCPConnector(limit=0))
