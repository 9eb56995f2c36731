"""The local router: a child that is started again, on the same port, whenever it dies or hangs."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress

import aiohttp

from bridge_api.wire.local import Listening
from bridge_operator.local.backoff import Backoff
from bridge_operator.local.health import kill_when_hung
from bridge_runtime.child import Child, NotListening, Say, describe_exit, started
from bridge_runtime.logs import get_logger

LISTENING_SECONDS = 60.0
"""Only Python has to start: seconds, on a busy machine many."""

log = get_logger("operator")


class RouterFailed(Exception):
    """The router has never listened: a mistake in how it is started, which trying again does not mend."""


class RouterChild:
    def __init__(
        self,
        command: Callable[[int], Sequence[str]],
        session: aiohttp.ClientSession,
        *,
        rng: random.Random,
        clock: Callable[[], float],
    ) -> None:
        self.listening: Listening | None = None
        self._command = command
        """Makes the command line for a port."""

        self._session = session
        self._rng = rng
        self._clock = clock
        self._child: Child | None = None
        self._leaving = asyncio.Event()

    async def run(self, port: int, say: Say, heard: Callable[[], None]) -> None:
        """Keep the router running until it is told to drain; `heard` is called each time it listens.

        Raises:
            RouterFailed: The first start has not come to listening.
        """
        backoff = Backoff()
        while not self._leaving.is_set():
            born = self._clock()
            how = await self._live(self._command(port), say, heard)
            if self._leaving.is_set():
                return
            if self.listening is None:
                raise RouterFailed(how)
            port = int(self.listening.url.rsplit(":", 1)[1])
            now = self._clock()
            backoff = backoff.after_failure(now=now, healthy_seconds=now - born, random=self._rng.random)
            delay = round(backoff.not_before - now, 1)
            log.warning("the router died and is started again", how=how, in_seconds=delay)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), delay)

    def drain(self) -> None:
        """Ask it to finish what runs; it is not started again."""
        self._leaving.set()
        if self._child is not None:
            self._child.terminate()

    async def stop(self) -> None:
        """End it at once."""
        self._leaving.set()
        if self._child is not None:
            await self._child.kill()

    async def _live(self, command: Sequence[str], say: Say, heard: Callable[[], None]) -> str:
        async with started("router", command, say=say) as child:
            self._child = child
            if self._leaving.is_set():
                child.terminate()
            try:
                self.listening = await child.listening(LISTENING_SECONDS)
            except NotListening as silent:
                return str(silent)
            heard()
            watching = asyncio.create_task(kill_when_hung(child, self.listening.metrics_url, self._session))
            try:
                return describe_exit(await child.wait())
            finally:
                watching.cancel()
                await asyncio.wait([watching])
