"""A ledger of chats, kept by the test itself: what was asked, who answered, how it ended, and who was told to leave meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import openai

from tests.integration.system.conftest import System

LOOK_SECONDS = 0.02


@dataclass
class Entry:
    question: str
    began: float
    instance: str = ""
    text: str = ""
    ended: float | None = None
    error: str | None = None

    @property
    def answered(self) -> bool:
        return self.error is None and f'You said: "{self.question}"' in self.text


@dataclass
class Ledger:
    system: System
    model: str
    entries: list[Entry] = field(default_factory=list)
    left_at: dict[str, float] = field(default_factory=dict)
    """When each instance was first seen to have been told to leave."""

    ready_counts: set[int] = field(default_factory=set)
    """Every number of ready instances that was seen at once."""

    async def chat(self, question: str, *, tokens: int = 20, pace_ms: int = 10) -> Entry:
        """Ask, and write down what came of it."""
        entry = Entry(question, _now())
        self.entries.append(entry)
        marker = f"[[demo tokens={tokens} pace_ms={pace_ms}]] "
        try:
            raw = await self.system.client().chat.completions.with_raw_response.create(
                model=self.model, messages=[{"role": "user", "content": marker + question}], stream=True
            )
            entry.instance = raw.headers.get("x-bridge-instance", "")
            finish = None
            async for chunk in raw.parse():
                for choice in chunk.choices:
                    entry.text += choice.delta.content or ""
                    finish = choice.finish_reason or finish
            entry.error = None if finish == "stop" else f"ended with {finish}"
        except openai.APIError as error:
            entry.error = str(error.code or type(error).__name__)
        entry.ended = _now()
        return entry

    def told_to_leave_while_chatting(self) -> list[Entry]:
        """List the chats whose instance was told to leave before they had ended."""
        return [
            entry
            for entry in self.entries
            if (left := self.left_at.get(entry.instance)) is not None and left < (entry.ended or _now())
        ]

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Watch the instances for the time of a block."""
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _watch(self) -> None:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                instances = await self.system.instances()
                self.ready_counts.add(sum(one["ready"] for one in instances))
                for one in instances:
                    if one["draining"]:
                        self.left_at.setdefault(one["instance"], _now())
            await asyncio.sleep(LOOK_SECONDS)


def _now() -> float:
    return asyncio.get_running_loop().time()
