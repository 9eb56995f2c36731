"""Hear from a router how busy its pools are, for as long as it lives, and try again whenever it does not answer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
from pydantic import ValidationError

from bridge_api.wire.load import LoadReport
from bridge_operator.autoscaler.load import STALE_SECONDS, Heard

RECONNECT_SECONDS = 0.5
"""Between two tries: a router that has just been started listens soon."""


SILENCE = Heard(None, float("-inf"))


@dataclass(slots=True)
class LoadFeed:
    """The reports of one router."""

    session: aiohttp.ClientSession
    token: str
    clock: Callable[[], float]
    changed: Callable[[], None]
    heard: Heard = SILENCE
    """What it said last."""

    async def follow(self, url: Callable[[], str]) -> None:
        """Follow the router until cancelled; `url` is asked anew for each try, and is empty while there is no router."""
        while True:
            if address := url():
                with suppress(aiohttp.ClientError, TimeoutError, ValidationError, ValueError):
                    await self._hear(address)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _hear(self, url: str) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=STALE_SECONDS, sock_read=STALE_SECONDS)
        async with self.session.get(f"{url}/load/stream", headers=headers, timeout=timeout) as response:
            response.raise_for_status()
            async for line in response.content:
                self.heard = Heard(LoadReport.model_validate_json(line), self.clock())
                self.changed()
