"""Which of several operators acts: the one that holds a Lease and has renewed it lately.

Source: Kubernetes, "Leases"; the record and the times are those of client-go's leader election. The clock of other
machines is never compared with ours: a Lease has run out when we have seen no change of it for its whole time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bridge_operator.cluster.terms import OBJECTS_MANAGER
from bridge_runtime.kube import Key, KubeError, Object
from bridge_runtime.kube.client import KubeApi
from bridge_runtime.kube.errors import CONFLICT, NOT_FOUND
from bridge_runtime.kube.resource import LEASES
from bridge_runtime.logs import get_logger

RENEW_WITHIN = 2 / 3
"""A leader that could not renew for this part of the Lease's time stops by itself, well before another may start."""

RENEW_EVERY = 2 / 15
"""Five tries before it stops."""

LOOK_EVERY_SECONDS = 1.0
"""Who waits looks this often: a Lease that is given back is taken within a second."""

log = get_logger("operator")


@dataclass(slots=True, kw_only=True)
class Elector:
    api: KubeApi
    lease: Key
    identity: str
    """Ours, another one for each start of the process."""

    lease_seconds: int
    """A leader that is silent for so long has lost."""

    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    random: Callable[[], float]

    epoch: int = 0
    """The term: grows with each change of the leader."""

    _renewed_at: float = float("-inf")
    _seen: tuple[str, float] = ("", 0.0)
    """The version of another's Lease, and since when it has been that one."""

    @property
    def renew_within_seconds(self) -> float:
        return self.lease_seconds * RENEW_WITHIN

    @property
    def renew_every_seconds(self) -> float:
        return self.lease_seconds * RENEW_EVERY

    def leads(self) -> bool:
        """Tell whether to act now: asked before each write."""
        return self.clock() - self._renewed_at < self.renew_within_seconds

    async def run(self, lead: Callable[[], Awaitable[None]]) -> None:
        """Wait until we lead, then `lead` until that is lost or we are cancelled; then give the Lease back.

        Returns where leadership was lost: only a fresh start knows nothing wrong.
        """
        await self._win()
        log.info("leading", identity=self.identity, epoch=self.epoch)
        leading = asyncio.ensure_future(lead())
        keeping = asyncio.create_task(self._keep())
        try:
            await asyncio.wait([leading, keeping], return_when=asyncio.FIRST_COMPLETED)
            if leading.done():
                leading.result()
            log.error("no longer leading: the Lease could not be renewed", identity=self.identity)
        finally:
            for task in (leading, keeping):
                task.cancel()
            await asyncio.gather(leading, keeping, return_exceptions=True)
            await self._give_back()

    async def _win(self) -> None:
        while not await self._try():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(LOOK_EVERY_SECONDS * (0.5 + self.random() / 2))

    async def _keep(self) -> None:
        """Renew until it has not been possible for too long; what is being asked then is given up."""
        while (left := self._renewed_at + self.renew_within_seconds - self.clock()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await asyncio.sleep(self.renew_every_seconds)
                    await self._try()

    async def _try(self) -> bool:
        """Take or renew the Lease once, and tell whether it is ours."""
        asked_at = self.clock()
        try:
            async with asyncio.timeout(self.renew_within_seconds / 2):
                held = await self._read()
                if held is None:
                    written = await self.api.create(LEASES, self._object(self._record(0)))
                elif self._may_take(held):
                    held["spec"] = self._next_record(held["spec"])
                    written = await self.api.replace(LEASES, held, manager=OBJECTS_MANAGER)
                else:
                    self._renewed_at = float("-inf")  # whoever gave it to another one: it is theirs
                    return False
        except (KubeError, TimeoutError) as failed:
            if not (isinstance(failed, KubeError) and failed.status == CONFLICT):
                log.warning("the Lease could not be asked for", why=str(failed) or "no answer")
            return False
        self._renewed_at = asked_at
        self.epoch = int(written["spec"].get("leaseTransitions") or 0)
        return True

    async def _read(self) -> Object | None:
        try:
            return await self.api.get(LEASES, self.lease.namespace, self.lease.name)
        except KubeError as missing:
            if missing.status == NOT_FOUND:
                return None
            raise

    def _may_take(self, held: Object) -> bool:
        holder = held["spec"].get("holderIdentity") or ""
        if holder in ("", self.identity):
            return True
        version, now = held["metadata"]["resourceVersion"], self.clock()
        if version != self._seen[0]:
            self._seen = (version, now)
        runs_out = self._seen[1] + float(held["spec"].get("leaseDurationSeconds") or self.lease_seconds)
        return now >= runs_out

    def _next_record(self, held: dict[str, Any]) -> dict[str, Any]:
        transitions = int(held.get("leaseTransitions") or 0)
        if held.get("holderIdentity") == self.identity:
            return {**held, "renewTime": self._now()}
        return self._record(transitions + 1)

    def _record(self, transitions: int) -> dict[str, Any]:
        now = self._now()
        return {
            "holderIdentity": self.identity,
            "leaseDurationSeconds": self.lease_seconds,
            "acquireTime": now,
            "renewTime": now,
            "leaseTransitions": transitions,
        }

    def _object(self, record: dict[str, Any]) -> Object:
        return {
            "apiVersion": LEASES.api_version,
            "kind": "Lease",
            "metadata": {"namespace": self.lease.namespace, "name": self.lease.name},
            "spec": record,
        }

    async def _give_back(self) -> None:
        """Let another one start at once, where the Lease is still ours."""
        if not self.leads():
            return
        self._renewed_at = float("-inf")
        try:
            async with asyncio.timeout(self.renew_every_seconds):
                held = await self._read()
                if held is None or held["spec"].get("holderIdentity") != self.identity:
                    return
                held["spec"] = {**held["spec"], "holderIdentity": "", "leaseDurationSeconds": 1}
                await self.api.replace(LEASES, held, manager=OBJECTS_MANAGER)
                log.info("gave the Lease back", identity=self.identity)
        except (KubeError, TimeoutError) as failed:
            log.warning("the Lease could not be given back: it runs out", why=str(failed) or "no answer")

    def _now(self) -> str:
        return datetime.fromtimestamp(self.wall_clock(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
