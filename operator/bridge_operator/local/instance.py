"""One instance: a browser pod as a child process, and what it says of itself."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from pydantic import ValidationError

from bridge_api.wire.instance import InstanceStatus, SlotState
from bridge_operator.local.plan import ObservedInstance
from bridge_operator.local.run_dir import private_dir
from bridge_runtime.child import Child, NotListening, Say, describe_exit, started

LISTENING_SECONDS = 60.0
"""An instance listens before its browser is up, so only Python has to start: seconds, on a busy machine many."""

SILENCE_SECONDS = 15.0
"""The status comes at least every 5 s: after three misses the connection is taken for dead."""

RECONNECT_SECONDS = 0.5
"""Between two tries to hear the status: the instance is on this machine."""

DRAIN_GRACE_SECONDS = 10.0
"""Beyond the pool's drain time, for the browser to close."""


@dataclass(frozen=True, slots=True)
class Birth:
    """What an instance is started as, and stays."""

    name: str
    pool: str
    template_hash: str
    command: Sequence[str]
    token: str
    started_at: float
    drain_seconds: float
    """Its pool's drain time: the instance itself keeps to it."""

    scratch: Path
    """Directory for its browser's temporary files: it goes with the instance, even with one that was killed."""


class Instance:
    """Owns its process from start to end."""

    def __init__(self, birth: Birth, *, changed: Callable[[], None], clock: Callable[[], float]) -> None:
        self.birth = birth
        self.url = ""
        self.status: InstanceStatus | None = None
        self.drain_until: float | None = None
        self._ready_since: float | None = None
        self._longest_health_seconds = 0.0
        self._changed = changed
        self._clock = clock
        self._child: Child | None = None

    def observe(self) -> ObservedInstance:
        status = self.status
        return ObservedInstance(
            name=self.birth.name,
            pool=self.birth.pool,
            template_hash=self.birth.template_hash,
            started_at=self.birth.started_at,
            ready=status is not None and status.ready,
            busy_slots=status.count(SlotState.BUSY) if status else 0,
            drain_until=self.drain_until,
        )

    @property
    def healthy_seconds(self) -> float:
        """How long it has been ready without a break, at its best."""
        now = self._clock()
        return max(
            self._longest_health_seconds, now - (now if self._ready_since is None else self._ready_since)
        )

    async def run(self, session: aiohttp.ClientSession, say: Say) -> str:
        """Run until the process ends, and say how it ended."""
        with private_dir(self.birth.scratch):
            return await self._run(session, say)

    async def _run(self, session: aiohttp.ClientSession, say: Say) -> str:
        environment = {**os.environ, "TMPDIR": str(self.birth.scratch)}
        async with started(self.birth.name, self.birth.command, say=say, environment=environment) as child:
            self._child = child
            if self.drain_until is not None:
                child.terminate()
            try:
                self.url = (await child.listening(LISTENING_SECONDS)).url
            except NotListening as silent:
                return str(silent)
            self._changed()
            following = asyncio.create_task(self._follow(session))
            try:
                return describe_exit(await child.wait())
            finally:
                following.cancel()
                await asyncio.wait([following])

    def drain(self) -> None:
        """Ask it, once, to finish its chats and end: a second time would mean at once."""
        if self.drain_until is None:
            self._note_draining()
            if self._child is not None:
                self._child.terminate()
            self._changed()  # its time to drain runs from now on

    async def stop(self) -> None:
        """End it at once, with its browser."""
        if self._child is not None:
            await self._child.kill()

    async def _follow(self, session: aiohttp.ClientSession) -> None:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, ValidationError, ValueError):
                await self._hear(session)
            self._take(None)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _hear(self, session: aiohttp.ClientSession) -> None:
        headers = {"Authorization": f"Bearer {self.birth.token}"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE_SECONDS, sock_read=SILENCE_SECONDS)
        stream = session.get(f"{self.url}/status/stream", headers=headers, timeout=timeout)
        async with stream as response:
            response.raise_for_status()
            async for line in response.content:
                self._take(InstanceStatus.model_validate_json(line))

    def _take(self, status: InstanceStatus | None) -> None:
        before = self.observe()
        self.status = status
        if status is not None and status.draining and self.drain_until is None:
            self._note_draining()  # somebody else has asked it
        after = self.observe()
        self._note_health(ready=after.ready)
        if after != before:
            self._changed()

    def _note_health(self, *, ready: bool) -> None:
        self._longest_health_seconds = self.healthy_seconds
        if not ready:
            self._ready_since = None
        elif self._ready_since is None:
            self._ready_since = self._clock()

    def _note_draining(self) -> None:
        self.drain_until = self._clock() + self.birth.drain_seconds + DRAIN_GRACE_SECONDS
