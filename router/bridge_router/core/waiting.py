"""Requests that wait for a slot: first in, first out, each with a deadline that depends on whether instances are there."""

from collections import deque
from collections.abc import Iterator

from bridge_api.errors import ErrorKind
from bridge_api.spec.serving import QueueSpec
from bridge_router.core.outlook import Denial


class Ticket:
    """One request in its wait for a slot; it keeps its place in time when a try has failed and it waits again."""

    __slots__ = ("conversation", "has_waited", "since", "tried", "waited_seconds", "wants")

    def __init__(self, wants: str | None) -> None:
        self.wants = wants
        """The model as the client named it."""

        self.conversation: str | None = None
        """What a page must hold to go on with it, as the pool that it waits in names that."""

        self.tried: set[str] = set()
        """Instances that have failed this request."""

        self.has_waited = False
        """Whether it has been in a line before: it is then not turned away because the line is full."""

        self.since = 0.0
        self.waited_seconds = 0.0
        """All its waits together, without the one that goes on."""

    def __repr__(self) -> str:
        return f"<Ticket for {self.wants or 'the default'}>"


class WaitingLine:
    """The tickets of one pool, oldest first."""

    def __init__(self, now: float) -> None:
        self._tickets: deque[Ticket] = deque()
        self._ready = False
        self._ready_changed_at = now

    def __len__(self) -> int:
        return len(self._tickets)

    def __iter__(self) -> Iterator[Ticket]:
        return iter(tuple(self._tickets))

    def __contains__(self, ticket: Ticket) -> bool:
        return ticket in self._tickets

    def join(self, ticket: Ticket, now: float) -> None:
        """Add a ticket where its waits so far put it."""
        ticket.has_waited = True
        ticket.since = now - ticket.waited_seconds
        behind = 0
        for other in reversed(self._tickets):
            if other.since <= ticket.since:
                break
            behind += 1
        self._tickets.insert(len(self._tickets) - behind, ticket)

    def leave(self, ticket: Ticket, now: float) -> None:
        self._tickets.remove(ticket)
        ticket.waited_seconds = max(0.0, now - ticket.since)

    def note_readiness(self, ready: bool, now: float) -> None:
        """Start the clock of the other deadline when the first instance comes or the last one goes."""
        if ready != self._ready:
            self._ready = ready
            self._ready_changed_at = now

    def oldest_seconds(self, now: float) -> float:
        return max(0.0, now - self._tickets[0].since) if self._tickets else 0.0

    def next_deadline(self, queue: QueueSpec) -> float | None:
        """Say when the first ticket's time is up; the others' come later."""
        if not self._tickets:
            return None
        since = self._tickets[0].since
        limit = queue.timeout_seconds if self._ready else queue.cold_start_timeout_seconds
        # Instances that come and go start a clock anew each time; together the two limits are the longest wait.
        longest = since + queue.timeout_seconds + queue.cold_start_timeout_seconds
        return min(max(since, self._ready_changed_at) + limit, longest)

    def overdue(self, queue: QueueSpec, now: float) -> list[Ticket]:
        """Take out the tickets whose time is up."""
        late = []
        while (deadline := self.next_deadline(queue)) is not None and deadline <= now:
            late.append(self._tickets[0])
            self.leave(self._tickets[0], now)
        return late

    def timeout(self, pool: str, queue: QueueSpec) -> Denial:
        """Say what an overdue ticket is told."""
        if self._ready:
            message = (
                f"No slot of pool {pool} became free in {queue.timeout_seconds} s (queue.timeoutSeconds)."
            )
            return Denial(ErrorKind.QUEUE_TIMEOUT, message)
        limit = queue.cold_start_timeout_seconds
        message = f"No instance of pool {pool} became ready in {limit} s (queue.coldStartTimeoutSeconds); see `bridge get instances`."
        return Denial(ErrorKind.NO_INSTANCE, message, retry_after_seconds=10.0)
