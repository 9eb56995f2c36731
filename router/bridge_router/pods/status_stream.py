"""Reads one instance's `/status/stream` for as long as the instance exists: connects again whenever it breaks."""

import asyncio
from collections.abc import Callable

import aiohttp
from pydantic import ValidationError

from bridge_api.wire.instance import InstanceStatus
from bridge_router.dispatch import Dispatcher
from bridge_runtime.logs import get_logger

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
"""A pod that is back should be used at once, and one connection in two seconds costs nobody anything."""

_log = get_logger("router")


class StreamEnded(Exception):
    """The status stream is no more; the message says why."""


class StatusStream:
    """The status stream of one instance."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        session: aiohttp.ClientSession,
        *,
        pool: str,
        instance: str,
        url: str,
        stale_seconds: float,
    ) -> None:
        self._dispatcher = dispatcher
        self._session = session
        self._pool = pool
        self._instance = instance
        self._url = url
        self._stale_seconds = stale_seconds
        self._heard = False
        self._leaving = False
        """It has said that it is on its way out: its silence is no trouble."""

    async def follow(self, token_of: Callable[[str], str | None], on_lost: Callable[[str], None]) -> None:
        """Follow until cancelled."""
        pause = FIRST_PAUSE_SECONDS
        told = ""
        while True:
            self._heard = False
            try:
                await self._read(token_of(self._pool))
            except StreamEnded as ended:
                why = "it has left" if self._leaving else str(ended)
                if why != told:
                    told = why
                    self._tell(why)
            finally:
                self._dispatcher.disconnect(self._pool, self._instance)
            if self._heard:
                pause = FIRST_PAUSE_SECONDS
                if not self._leaving:
                    on_lost(self._pool)
                    told = ""
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE_SECONDS, pause * 2)

    def _tell(self, why: str) -> None:
        if self._leaving:
            _log.info("instance has left", instance=self._instance, pool=self._pool)
        else:
            _log.warning("instance not heard from", instance=self._instance, pool=self._pool, why=why)

    async def _read(self, token: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        try:
            async with asyncio.timeout(self._stale_seconds):
                response = await self._session.get(f"{self._url}/status/stream", headers=headers)
            try:
                await self._lines(response)
            finally:
                response.close()
        except TimeoutError:
            raise StreamEnded(f"no status for {self._stale_seconds:g} s") from None
        except (aiohttp.ClientError, OSError) as broken:
            raise StreamEnded(str(broken) or type(broken).__name__) from broken

    async def _lines(self, response: aiohttp.ClientResponse) -> None:
        if response.status in (401, 403):
            raise StreamEnded("it does not take this router's token; both need the same master token")
        if response.status != 200:  # noqa: PLR2004 - HTTP OK
            raise StreamEnded(f"it answered {response.status} on /status/stream")
        while True:
            async with asyncio.timeout(self._stale_seconds):
                line = await self._line(response)
            self._take_in(line)

    async def _line(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            line = await response.content.readline()
        except ValueError:
            raise StreamEnded("a status line is too long to be one") from None
        if not line.endswith(b"\n"):
            raise StreamEnded("it closed its status stream")
        return line

    def _take_in(self, line: bytes) -> None:
        try:
            status = InstanceStatus.model_validate_json(line)
        except ValidationError as invalid:
            raise StreamEnded(f"its status is not understood: {invalid.error_count()} mistakes") from invalid
        if status.instance != self._instance:
            raise StreamEnded(f"{self._url} says that it is instance {status.instance}")
        if not self._heard:
            _log.info("instance heard from", instance=self._instance, pool=self._pool)
        self._dispatcher.see(self._pool, self._instance, status, first=not self._heard)
        self._heard = True
        self._leaving = status.draining
