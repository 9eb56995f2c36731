"""One instance as the router sees it: what it last said of its slots, and the leases it has not shown yet."""

from bridge_api.wire.instance import InstanceStatus, SlotState

NO_HEAD_GRACE_SECONDS = 0.5
"""After a request whose head was never seen, status lines younger than this may still be from before it arrived."""


class Lease:
    """The right to one slot of one endpoint, from the decision to send until the pod's own word that it is free."""

    __slots__ = ("busy_version", "conversation", "ended_at", "endpoint", "id")

    def __init__(self, lease_id: str, endpoint: "Endpoint", conversation: str | None) -> None:
        self.id = lease_id
        self.endpoint = endpoint
        self.conversation = conversation
        """The conversation that it is for, where the endpoint holds that."""

        self.busy_version: int | None = None
        """A status of this version or a later one would list the lease, were it still held at the pod."""

        self.ended_at: float | None = None

    def __repr__(self) -> str:
        return f"<Lease {self.id} at {self.endpoint.instance}{' returning' if self.ended_at is not None else ''}>"

    def known_busy(self, version: int) -> None:
        """Note that the slot was Busy for this lease at a version."""
        self.busy_version = version if self.busy_version is None else min(self.busy_version, version)


class Endpoint:
    """An instance's address, its last status and the router's own leases on it."""

    def __init__(self, instance: str, url: str) -> None:
        self.instance = instance
        self.url = url
        self.terminating = False
        self.connected = False
        """Whether its status stream is open and alive."""

        self.status: InstanceStatus | None = None
        self.seen_at = 0.0
        self._leases: dict[str, Lease] = {}
        self._shown: frozenset[str] = frozenset()
        self._held: frozenset[str] = frozenset()
        self._refused_at: int | None = None

    def __repr__(self) -> str:
        return f"<Endpoint {self.instance} [{self.free_slots} free, {len(self._leases)} leases]>"

    @property
    def current(self) -> InstanceStatus | None:
        """Its status while the router hears from it and it is to stay, or None."""
        return self.status if self.connected and not self.terminating else None

    @property
    def accepting(self) -> bool:
        """Whether it takes new chats, as far as it has said."""
        status = self.current
        return status is not None and not status.draining and not status.cordons and self._refused_at is None

    @property
    def ready(self) -> bool:
        return self.current is not None and self.current.ready

    @property
    def total_slots(self) -> int:
        return len(self.status.slots) if self.status else 0

    @property
    def free_slots(self) -> int:
        """Slots that may be leased now: the Ready ones, less the leases that the status does not show yet."""
        if not self.accepting or self.status is None:
            return 0
        return max(0, self.status.count(SlotState.READY) - len(self._unshown()))

    def holds(self, conversation: str) -> bool:
        """Whether a slot that may be leased now is on the page of a conversation, and no lease is for that already."""
        taken = any(lease.conversation == conversation for lease in self._unshown())
        return conversation in self._held and not taken and self.free_slots > 0

    def shows(self, lease: Lease) -> bool:
        """Whether the instance, being heard from, says that it works on this lease."""
        return self.connected and lease.id in self._shown

    def grant(self, lease_id: str, conversation: str | None = None) -> Lease:
        lease = Lease(lease_id, self, conversation)
        self._leases[lease_id] = lease
        return lease

    def drop(self, lease: Lease) -> None:
        """Forget a lease that holds no slot: it was never sent, or was refused."""
        self._leases.pop(lease.id, None)

    def end(self, lease: Lease, now: float) -> None:
        """Note that the lease's request is over here; the slot is free once the pod says so."""
        lease.ended_at = now
        self._drop_what_is_over(line_arrived_at=None)

    def known_busy(self, lease: Lease, version: int) -> None:
        """Note from a response's head at which version the slot became Busy."""
        lease.known_busy(version)
        self._drop_what_is_over(line_arrived_at=None)

    def refused(self, version: int | None) -> None:
        """Note that it took no chat though its status said it would: nothing is sent until a newer status."""
        if self.status is None or version is None or self.status.version < version:
            self._refused_at = version if version is not None else 0

    def disconnect(self) -> None:
        """Note that it cannot be reached, or has said nothing for too long."""
        self.connected = False

    def see(self, status: InstanceStatus, now: float, *, first: bool) -> None:
        """Take in a status line; the first one of a status stream puts the endpoint into rotation."""
        self.connected = self.connected or first
        if self.status is not None and status.boot != self.status.boot:
            self._forget_versions()
        self.status = status
        self.seen_at = now
        self._shown = frozenset(slot.lease for slot in status.slots if slot.lease is not None)
        self._held = frozenset(slot.conversation for slot in status.slots if slot.conversation is not None)
        if self._refused_at is not None and status.version >= self._refused_at:
            self._refused_at = None
        for lease_id in self._shown & self._leases.keys():
            self._leases[lease_id].known_busy(status.version)
        self._drop_what_is_over(line_arrived_at=now)

    def _unshown(self) -> list[Lease]:
        return [lease for lease_id, lease in self._leases.items() if lease_id not in self._shown]

    def _forget_versions(self) -> None:
        """Versions are comparable within one boot only."""
        self._refused_at = None
        for lease in self._leases.values():
            lease.busy_version = None

    def _drop_what_is_over(self, *, line_arrived_at: float | None) -> None:
        for lease in list(self._leases.values()):
            if lease.id not in self._shown and self._is_over(lease, line_arrived_at):
                del self._leases[lease.id]

    def _is_over(self, lease: Lease, line_arrived_at: float | None) -> bool:
        if lease.busy_version is not None and self.status is not None:
            return self.status.version >= lease.busy_version
        if lease.ended_at is None or line_arrived_at is None:
            return False
        return line_arrived_at >= lease.ended_at + NO_HEAD_GRACE_SECONDS
