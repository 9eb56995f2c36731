"""Hear from a router how busy its pools are, for as long as it lives, and try again whenever it does not answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from bridge_api.wire.load import LoadReport
from bridge_operator.autoscaler.load import STALE_SECONDS, Heard
from bridge_operator.silence import FAILURES, Silence, in_words
from bridge_runtime.logs import get_logger

RECONNECT_SECONDS = 0.5
"""Between two tries: a router that has just been started listens soon."""


NOTHING = Heard(None, float("-inf"))

log = get_logger("operator")


@dataclass(slots=True)
class LoadFeed:
    """The reports of one router."""

    session: aiohttp.ClientSession
    token: str
    clock: Callable[[], float]
    changed: Callable[[], None]
    heard: Heard = NOTHING
    """What it said last."""

    silence: Silence = field(default_factory=Silence)

    async def follow(self, url: Callable[[], str]) -> None:
        """Follow the router until cancelled; `url` is asked anew for each try, and is empty while there is no router."""
        while True:
            if address := url():
                await self._hear_or_note(address)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _hear_or_note(self, url: str) -> None:
        why = in_words(None)
        try:
            await self._hear(url)
        except FAILURES as failed:
            why = in_words(failed)
        if self.silence.is_news(why, self.clock()):
            log.warning("a router's load is not heard", url=url, why=why)

    async def _hear(self, url: str) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=STALE_SECONDS, sock_read=STALE_SECONDS)
        async with self.session.get(f"{url}/load/stream", headers=headers, timeout=timeout) as response:
            response.raise_for_status()
            async for line in response.content:
                self.heard = Heard(LoadReport.model_validate_json(line), self.clock())
                self.silence.broken()
                self.changed()
