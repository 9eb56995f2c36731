"""A pool's endpoints, leases and waiting line: each event is decided at once, and what follows is returned.

No I/O and no clock in here: the shell brings the time, and tells the waiting requests what was settled.
"""

from collections.abc import Callable, Sequence

from bridge_api.errors import ErrorKind
from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.instance import InstanceStatus, SlotState
from bridge_api.wire.load import PoolLoad
from bridge_api.wire.local import EndpointRecord
from bridge_router.core.affinity import holder_of
from bridge_router.core.balancer import Random, make_strategy
from bridge_router.core.endpoint import Endpoint, Lease
from bridge_router.core.load import FirstTokenWindow
from bridge_router.core.offer import Offer
from bridge_router.core.outlook import GONE_RETRY_SECONDS, Denial, reason_not_to_wait
from bridge_router.core.waiting import Ticket, WaitingLine

Settled = list[tuple[Ticket, Lease | Denial]]
"""Tickets whose wait is over, and what they got."""

_QUEUE_FULL_RETRY = (1.0, 60.0)


class Pool:
    """One pool as this router sees it."""

    def __init__(
        self, resource: BridgeInstancePool, now: float, *, random: Random, new_lease_id: Callable[[], str]
    ) -> None:
        self.resource = resource
        self.offer = Offer(resource.key, resource.spec.models)
        self.endpoints: dict[str, Endpoint] = {}
        self.waiting = WaitingLine(now)
        self.first_tokens = FirstTokenWindow()
        self._records: Sequence[EndpointRecord] = ()
        self._draining = False
        self._random = random
        self._new_lease_id = new_lease_id
        self._pick = make_strategy(resource.spec.load_balancing.strategy, random)
        self._in_use: set[str] = set()
        self._idle_since = now

    def __repr__(self) -> str:
        free = sum(endpoint.free_slots for endpoint in self.endpoints.values())
        return (
            f"<Pool {self.key} [{len(self.endpoints)} endpoints, {free} free | "
            f"{self.in_flight} in flight, {len(self.waiting)} pending]>"
        )

    @property
    def key(self) -> str:
        return self.resource.key

    @property
    def in_flight(self) -> int:
        """Requests of this router that an instance is answering."""
        return len(self._in_use)

    @property
    def free_slots(self) -> int:
        return sum(endpoint.free_slots for endpoint in self.endpoints.values())

    def holds(self, conversation: str | None) -> bool:
        """Whether a page of a free slot holds a conversation."""
        return holder_of(conversation, self.endpoints.values()) is not None

    # The requests' side

    def enter(self, ticket: Ticket, now: float) -> Settled:
        """Let a request wait for a slot; it may get one at once."""
        first_time = not ticket.has_waited
        self.waiting.join(ticket, now)
        settled = self._settle(now)
        full = len(self.waiting) > self.resource.spec.queue.max_pending
        if first_time and full and ticket in self.waiting:
            settled.append((ticket, self._queue_full(now)))
            self.waiting.leave(ticket, now)
        return settled

    def leave(self, ticket: Ticket, now: float) -> None:
        """Let a request go that waits no longer, whether or not it still stands in the line."""
        if ticket in self.waiting:
            self.waiting.leave(ticket, now)
            self._note_idleness(now)

    def overdue(self, now: float) -> Settled:
        """Settle the requests that have waited for too long."""
        denial = self.waiting.timeout(self.key, self.resource.spec.queue)
        late = self.waiting.overdue(self.resource.spec.queue, now)
        self._note_idleness(now)
        return [(ticket, denial) for ticket in late]

    def next_deadline(self) -> float | None:
        return self.waiting.next_deadline(self.resource.spec.queue)

    # The leases' side

    def known_busy(self, lease: Lease, version: int, now: float) -> Settled:
        """Note what a response's head says of the lease."""
        lease.endpoint.known_busy(lease, version)
        return self._settle(now)

    def release(self, lease: Lease, now: float) -> Settled:
        """End a lease whose request is over here; its slot is free when the pod says so."""
        self._in_use.discard(lease.id)
        self._note_idleness(now)
        lease.endpoint.end(lease, now)
        return self._settle(now)

    def give_back(self, lease: Lease, now: float) -> Settled:
        """End a lease that was never sent."""
        lease.endpoint.drop(lease)
        return self.release(lease, now)

    def refuse(self, lease: Lease, version: int | None, now: float) -> Settled:
        """End a lease that the instance had no slot for."""
        lease.endpoint.refused(version)
        return self.give_back(lease, now)

    # The instances' side

    def see(self, instance: str, status: InstanceStatus, now: float, *, first: bool) -> Settled:
        """Take in a status line of an instance."""
        endpoint = self.endpoints.get(instance)
        if endpoint is None:
            return []
        endpoint.see(status, now, first=first)
        self.offer.remember(e.status.models for e in self.endpoints.values() if e.status is not None)
        return self._settle(now)

    def disconnect(self, instance: str, now: float) -> Settled:
        """Take an instance out of rotation until its status stream is there again."""
        if endpoint := self.endpoints.get(instance):
            endpoint.disconnect()
        return self._settle(now)

    def is_as(self, resource: BridgeInstancePool, records: Sequence[EndpointRecord]) -> bool:
        """Tell whether an update would change nothing."""
        return self.resource == resource and self._records == records

    def update(self, resource: BridgeInstancePool, records: Sequence[EndpointRecord], now: float) -> Settled:
        """Take over a new spec and the instances that exist now."""
        if resource.spec.load_balancing != self.resource.spec.load_balancing:
            self._pick = make_strategy(resource.spec.load_balancing.strategy, self._random)
        self.resource = resource
        self._records = records
        self.offer.choose_from(resource.spec.models)
        known = self.endpoints
        self.endpoints = {}
        for record in records:
            old = known.get(record.instance)
            endpoint = old if old and old.url == record.url else Endpoint(record.instance, record.url)
            endpoint.terminating = record.terminating
            self.endpoints[record.instance] = endpoint
        return self._settle(now)

    def close(self, now: float) -> Settled:
        """Settle every waiting request: the pool is no more."""
        message = f"Pool {self.key} has been removed."
        return self._deny_all(Denial(ErrorKind.NO_INSTANCE, message, GONE_RETRY_SECONDS), now)

    def drain(self, now: float) -> Settled:
        """Keep requests waiting only while an instance is there to answer them: the router is about to end."""
        self._draining = True
        return self._settle(now)

    def load(self, now: float) -> PoolLoad:
        """Say how busy the pool is."""
        heard = [e.current for e in self.endpoints.values() if e.current is not None]
        ready = [status for status in heard if status.ready]
        return PoolLoad(
            pool=self.key,
            slots=sum(len(status.slots) for status in ready),
            busy=sum(status.count(SlotState.BUSY) for status in heard),
            blocked=sum(status.count(SlotState.RATE_LIMITED, SlotState.NEEDS_HUMAN) for status in heard),
            pending=len(self.waiting),
            in_flight=self.in_flight,
            ready_instances=len(ready),
            oldest_pending_seconds=self.waiting.oldest_seconds(now),
            first_token_p90_seconds=self.first_tokens.p90(now),
            idle_seconds=0.0 if self.in_flight or self.waiting else max(0.0, now - self._idle_since),
        )

    # Decisions

    def _settle(self, now: float) -> Settled:
        """Give the free slots to those who wait, and turn away those for whom waiting makes no sense."""
        self.waiting.note_readiness(any(e.ready for e in self.endpoints.values()), now)
        if not self.waiting:
            return []
        endpoints = self.endpoints.values()
        if denial := reason_not_to_wait(self.key, endpoints, now, draining=self._draining):
            return self._deny_all(denial, now)
        if not self.offer.listed:
            return []
        settled: Settled = []
        free = self.free_slots
        for ticket in self.waiting:
            if not self.offer.has(ticket.wants):
                settled.append((ticket, unknown_model(ticket.wants)))
                self.waiting.leave(ticket, now)
            elif free and (endpoint := self._choose(ticket)):
                settled.append((ticket, self._grant(endpoint, ticket)))
                self.waiting.leave(ticket, now)
                free -= 1
        self._note_idleness(now)
        return settled

    def _choose(self, ticket: Ticket) -> Endpoint | None:
        """Pick an endpoint with a free slot: the one that holds the conversation, whatever the strategy would say.

        One that has failed this request is picked only where no other is left.
        """
        accepting = [endpoint for endpoint in self.endpoints.values() if endpoint.accepting]
        untried = [endpoint for endpoint in accepting if endpoint.instance not in ticket.tried]
        if holder := holder_of(ticket.conversation, untried):
            return holder
        free = [endpoint for endpoint in untried or accepting if endpoint.free_slots > 0]
        return self._pick(free) if free else None

    def _grant(self, endpoint: Endpoint, ticket: Ticket) -> Lease:
        conversation = ticket.conversation if holder_of(ticket.conversation, [endpoint]) else None
        lease = endpoint.grant(self._new_lease_id(), conversation)
        self._in_use.add(lease.id)
        return lease

    def _deny_all(self, denial: Denial, now: float) -> Settled:
        denied: Settled = [(ticket, denial) for ticket in self.waiting]
        for ticket, _ in denied:
            self.waiting.leave(ticket, now)
        self._note_idleness(now)
        return denied

    def _queue_full(self, now: float) -> Denial:
        at_least, at_most = _QUEUE_FULL_RETRY
        limit = self.resource.spec.queue.max_pending
        message = f"{limit} requests wait for pool {self.key} already (queue.maxPending); try again later."
        wait = min(at_most, max(at_least, self.waiting.oldest_seconds(now)))
        return Denial(ErrorKind.QUEUE_FULL, message, retry_after_seconds=wait)

    def _note_idleness(self, now: float) -> None:
        if not self.in_flight and not self.waiting:
            self._idle_since = now


def unknown_model(requested: str | None) -> Denial:
    """Say that no pool offers a model."""
    name = f"The model {requested!r}" if requested else "The pool's default model"
    return Denial(ErrorKind.MODEL_NOT_FOUND, f"{name} is not offered here; `bridge models` lists what is.")
