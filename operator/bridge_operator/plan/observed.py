"""What a plan knows of an instance that is there, be it a process or a pod."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObservedInstance:
    name: str
    pool: str
    template_hash: str
    started_at: float
    profile: str = ""
    ready: bool = False
    busy_slots: int = 0
    """As it said last, whether or not it is heard from now."""

    blocked: bool = False
    """Its site limits it, or it waits for a person: there is something to wait for, and it goes last."""

    site_fault: bool = False
    """It is not ready because its site cannot be reached: a new revision of it would fare no better."""

    failing_since: float | None = None
    """Since when its revision has lacked an instance for a reason of its own; see `plan.revisions.failing_since`."""

    ready_since: float | None = None
    """Since when it has been ready; None: it is not, or the backend does not say."""

    drain_until: float | None = None
    """When it must be gone; None: it is not draining."""

    cordon_until: float | None = None
    """When our cordon runs out, as the instance says; None: it has none of ours."""

    held_by: tuple[str, ...] = ()
    """Others that would go in its place for as long as they are not ready, by the order of its ReplicaSet."""

    asked_until: float = float("-inf")
    """It has been asked for a cordon or its end, and is not asked again before."""

    @property
    def draining(self) -> bool:
        return self.drain_until is not None

    @property
    def serves_nothing(self) -> bool:
        return not self.ready and self.busy_slots == 0

    @property
    def leaving(self) -> bool:
        """Whether it takes no new chats because it is to go; it can still be taken back."""
        return self.cordon_until is not None
