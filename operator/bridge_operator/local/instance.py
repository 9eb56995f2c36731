"""One instance: a browser pod as a child process, and what it says of itself."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from pydantic import ValidationError

from bridge_api.wire.instance import CordonRequest, InstanceStatus, SlotState
from bridge_operator.local.health import kill_when_hung
from bridge_operator.local.run_dir import private_dir
from bridge_operator.plan import CORDON_SECONDS, ObservedInstance
from bridge_operator.pod_client import (
    ASK_AGAIN_SECONDS,
    CORDON_OWNER,
    NotAnswered,
    PodClient,
    our_cordon_until,
)
from bridge_runtime.child import Child, NotListening, Say, describe_exit, started
from bridge_runtime.logs import get_logger

LISTENING_SECONDS = 60.0
"""An instance listens before its browser is up, so only Python has to start: seconds, on a busy machine many."""

RECONNECT_SECONDS = 0.5
"""Between two tries to hear the status: the instance is on this machine."""

DRAIN_GRACE_SECONDS = 10.0
"""Beyond the pool's drain time, for the browser to close."""

log = get_logger("operator")


@dataclass(frozen=True, slots=True)
class Birth:
    """What an instance is started as, and stays."""

    name: str
    pool: str
    profile: str
    template_hash: str
    command: Sequence[str]
    token: str
    started_at: float
    epoch: int
    """The term of this backend as owner of cordons."""

    scratch: Path
    """Directory for its browser's temporary files: it goes with the instance, even with one that was killed."""


class Instance:
    """Owns its process from start to end."""

    def __init__(
        self,
        birth: Birth,
        drain_seconds: float,
        *,
        changed: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self.birth = birth
        self.url = ""
        self.status: InstanceStatus | None = None
        """What it says now; None: it is not heard from."""

        self.drain_seconds = drain_seconds
        """Its pool's drain time, which the instance itself keeps to."""

        self.given_up = ""
        """Why it has given itself up, in its own word; empty: it has not."""

        self.drain_until: float | None = None
        self._ready_since: float | None = None
        self._longest_health_seconds = 0.0
        self._changed = changed
        self._clock = clock
        self._child: Child | None = None
        self._heard: InstanceStatus | None = None
        """What it said last."""

        self._cordon_until: float | None = None
        self._asked_until = float("-inf")

    def observe(self) -> ObservedInstance:
        known = self._heard
        return ObservedInstance(
            name=self.birth.name,
            pool=self.birth.pool,
            profile=self.birth.profile,
            template_hash=self.birth.template_hash,
            started_at=self.birth.started_at,
            ready=self.status is not None and self.status.ready,
            busy_slots=known.count(SlotState.BUSY) if known else 0,
            blocked=known is not None and known.count(SlotState.NEEDS_HUMAN, SlotState.RATE_LIMITED) > 0,
            drain_until=self.drain_until,
            cordon_until=self._cordon_until,
            asked_until=self._asked_until,
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
                listening = await child.listening(LISTENING_SECONDS)
            except NotListening as silent:
                return str(silent)
            self.url = listening.url
            self._changed()
            watching = [
                asyncio.create_task(self._follow(session)),
                asyncio.create_task(kill_when_hung(child, listening.metrics_url, session)),
            ]
            try:
                return describe_exit(await child.wait())
            finally:
                for task in watching:
                    task.cancel()
                await asyncio.wait(watching)

    def drain(self) -> None:
        """Ask it, once, to finish its chats and end: a second time would mean at once."""
        if self.drain_until is None:
            self._note_draining()
            if self._child is not None:
                self._child.terminate()
            self._changed()  # its time to drain runs from now on

    async def cordon(self, session: aiohttp.ClientSession) -> None:
        """Keep new chats away, until it is taken back or the cordon runs out."""
        await self._ask(PodClient(session, self.url, self.birth.token).cordon)

    async def uncordon(self, session: aiohttp.ClientSession) -> None:
        """Take it back: new chats may come."""
        await self._ask(PodClient(session, self.url, self.birth.token).uncordon)

    async def stop(self) -> None:
        """End it at once, with its browser."""
        if self._child is not None:
            await self._child.kill()

    async def _ask(self, ask: Callable[[CordonRequest], Awaitable[InstanceStatus]]) -> None:
        request = CordonRequest(owner=CORDON_OWNER, epoch=self.birth.epoch, ttl_seconds=CORDON_SECONDS)
        self._asked_until = float("inf")
        try:
            status = await ask(request)
        except NotAnswered as failed:
            log.warning("an instance has not done as asked", instance=self.birth.name, why=str(failed))
            self._asked_until = self._clock() + ASK_AGAIN_SECONDS
        else:
            self._asked_until = float("-inf")
            self._take(status)
        self._changed()

    async def _follow(self, session: aiohttp.ClientSession) -> None:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, ValidationError, ValueError):
                await self._hear(session)
            self._take(None)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _hear(self, session: aiohttp.ClientSession) -> None:
        client = PodClient(session, self.url, self.birth.token)
        await client.listen(lambda line: self._take(InstanceStatus.model_validate_json(line)))

    def _take(self, status: InstanceStatus | None) -> None:
        if _is_older(status, self._heard):
            return
        before = self.observe()
        self.status = status
        if status is not None:
            self._heard = status
            self._cordon_until = our_cordon_until(status, self.birth.epoch, self._clock())
        if status is not None and status.draining and self.drain_until is None:
            self.given_up = status.draining_reason
            self._note_draining()  # somebody else has asked it, or it has given itself up
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
        self.drain_until = self._clock() + self.drain_seconds + DRAIN_GRACE_SECONDS


def _is_older(status: InstanceStatus | None, known: InstanceStatus | None) -> bool:
    """Tell whether a status was overtaken: lines of the stream and answers come over different connections."""
    if status is None or known is None or status.boot != known.boot:
        return False
    return status.version < known.version
