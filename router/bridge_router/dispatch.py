"""Brings clock, timers and waiting tasks to the pools: every event goes through here, and whoever it settles is told."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from bridge_api.errors import ErrorKind
from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.instance import InstanceStatus
from bridge_api.wire.local import EndpointRecord, Registry
from bridge_router.changes import Changes
from bridge_router.core.catalog import choose_pool
from bridge_router.core.endpoint import Endpoint, Lease
from bridge_router.core.outlook import LEAVING_RETRY_SECONDS, Denial
from bridge_router.core.pool import Pool, Settled
from bridge_router.core.waiting import Ticket
from bridge_runtime.logs import get_logger

_log = get_logger("router")


class Dispatcher:
    """All pools of this router and the requests that wait in them."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        new_lease_id: Callable[[], str],
    ) -> None:
        self.clock = clock
        self.pools: dict[str, Pool] = {}
        self.changes = Changes()
        self.registry_seen = False
        self.on_ejected: Callable[[str, Endpoint], None] = lambda _pool, _endpoint: None
        self._draining = False
        self._random = random
        self._new_lease_id = new_lease_id
        self._waiting: dict[Ticket, asyncio.Future[Lease | Denial]] = {}
        self._timers: dict[Pool, asyncio.TimerHandle] = {}

    # The requests' side

    def choose(self, model: str | None, holds: Callable[[Pool], bool]) -> Pool:
        """Choose the pool that a request is for; one that `holds` its conversation comes first.

        Raises:
            BridgeError: Where there is none.
        """
        chosen = choose_pool(model, self.pools.values(), holds)
        if isinstance(chosen, Denial):
            raise chosen.error()
        return chosen

    async def acquire(self, pool: Pool, ticket: Ticket) -> Lease:
        """Wait for a slot; cancelled, the place in the line is free at once.

        Raises:
            BridgeError: Where the wait ends without one.
        """
        future: asyncio.Future[Lease | Denial] = asyncio.get_running_loop().create_future()
        self._waiting[ticket] = future
        try:
            self._settle(pool, pool.enter(ticket, self.clock()))
            outcome = await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and isinstance(lease := future.result(), Lease):
                self._settle(pool, pool.give_back(lease, self.clock()))
            raise
        finally:
            del self._waiting[ticket]
            pool.leave(ticket, self.clock())
            self._settle(pool, [])
        if isinstance(outcome, Denial):
            raise outcome.error()
        return outcome

    def known_busy(self, pool: Pool, lease: Lease, version: int) -> None:
        self._settle(pool, pool.known_busy(lease, version, self.clock()))

    def release(self, pool: Pool, lease: Lease) -> None:
        self._settle(pool, pool.release(lease, self.clock()))

    def refuse(self, pool: Pool, lease: Lease, version: int | None) -> None:
        self._settle(pool, pool.refuse(lease, version, self.clock()))

    def eject(self, pool: Pool, lease: Lease) -> None:
        """Skip an instance whose connection has failed, until its status stream is there again."""
        if pool.endpoints.get(lease.endpoint.instance) is lease.endpoint and lease.endpoint.connected:
            _log.warning("instance skipped: its connection failed", instance=lease.endpoint.instance)
            self._settle(pool, pool.disconnect(lease.endpoint.instance, self.clock()))
            self.on_ejected(pool.key, lease.endpoint)

    # The instances' side

    def see(self, pool_key: str, instance: str, status: InstanceStatus, *, first: bool) -> None:
        if pool := self.pools.get(pool_key):
            self._settle(pool, pool.see(instance, status, self.clock(), first=first))

    def disconnect(self, pool_key: str, instance: str) -> None:
        if pool := self.pools.get(pool_key):
            self._settle(pool, pool.disconnect(instance, self.clock()))

    def apply(self, registry: Registry) -> None:
        """Take over the pools and endpoints that exist now; a pool that is as it was costs nothing."""
        self.registry_seen = True
        now = self.clock()
        wanted = {resource.key: resource for resource in registry.pools}
        for key, pool in list(self.pools.items()):
            if key not in wanted or wanted[key].metadata.uid != pool.resource.metadata.uid:
                self._remove(key, now)
        records = _by_pool(registry)
        for key, resource in wanted.items():
            if key not in self.pools:
                self._add(key, resource, now)
            pool = self.pools[key]
            if not pool.is_as(resource, records[key]):
                self._settle(pool, pool.update(resource, records[key], now))

    def drain(self) -> None:
        """Turn away, from now on, who waits in a pool whose instances are all on their way out."""
        self._draining = True
        for pool in self.pools.values():
            self._settle(pool, pool.drain(self.clock()))

    def close(self) -> None:
        """Stop the timers and turn away whoever still waits."""
        for handle in self._timers.values():
            handle.cancel()
        self._timers.clear()
        for future in self._waiting.values():
            if not future.done():
                future.set_result(Denial(ErrorKind.DRAINING, "This router has ended.", LEAVING_RETRY_SECONDS))

    def _add(self, key: str, resource: BridgeInstancePool, now: float) -> None:
        pool = Pool(resource, now, random=self._random, new_lease_id=self._new_lease_id)
        self.pools[key] = pool
        if self._draining:
            self._settle(pool, pool.drain(now))
        _log.info("pool added", pool=key)

    def _remove(self, key: str, now: float) -> None:
        gone = self.pools.pop(key)
        self._settle(gone, gone.close(now))
        _log.info("pool removed", pool=key)

    def _settle(self, pool: Pool, settled: Settled) -> None:
        for ticket, outcome in settled:
            self._tell(pool, ticket, outcome)
        self._set_timer(pool)
        self.changes.note()

    def _tell(self, pool: Pool, ticket: Ticket, outcome: Lease | Denial) -> None:
        future = self._waiting.get(ticket)
        if future is not None and not future.done():
            future.set_result(outcome)
        elif isinstance(outcome, Lease):
            # The request was cancelled in this very turn of the loop.
            self._settle(pool, pool.give_back(outcome, self.clock()))

    def _set_timer(self, pool: Pool) -> None:
        deadline = pool.next_deadline()
        timer = self._timers.pop(pool, None)
        if timer is not None:
            timer.cancel()
        if deadline is not None:
            delay = max(0.0, deadline - self.clock())
            self._timers[pool] = asyncio.get_running_loop().call_later(delay, self._on_deadline, pool)

    def _on_deadline(self, pool: Pool) -> None:
        self._timers.pop(pool, None)
        self._settle(pool, pool.overdue(self.clock()))


def _by_pool(registry: Registry) -> defaultdict[str, list[EndpointRecord]]:
    records: defaultdict[str, list[EndpointRecord]] = defaultdict(list)
    for record in registry.endpoints:
        records[record.pool].append(record)
    return records
