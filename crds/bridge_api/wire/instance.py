"""What a browser pod says of itself (`GET /status`, and line by line as it changes `GET /status/stream`)."""

from enum import StrEnum

from bridge_api.base import WireModel


class SlotState(StrEnum):
    STARTING = "Starting"
    READY = "Ready"
    BUSY = "Busy"
    RECYCLING = "Recycling"
    NEEDS_HUMAN = "NeedsHuman"
    RATE_LIMITED = "RateLimited"
    BROKEN = "Broken"


LASTING_REASONS = frozenset({"SandboxUnavailable", "BrowserMissing", "SecretMissing", "SecretInvalid"})
"""Reasons of Broken slots that no waiting mends: somebody has to change the machine or the pool."""


class SlotStatus(WireModel):
    slot: int
    """Number from 0."""

    state: SlotState
    """What it can do now."""

    reason: str = ""
    """Why it is in this state, as one CamelCase word."""

    message: str = ""
    """Why, and what a person can do; never a message's text."""

    lease: str | None = None
    """The router's lease that holds it (`x-bridge-lease`), while Busy."""

    remaining_seconds: float | None = None
    """While RateLimited: how long still."""

    conversation: str | None = None
    """While Ready: the name of the conversation that its page holds (a keyed hash, docs/conversations.md); None: a new chat."""


class Cordon(WireModel):
    """Who has cordoned an instance; without renewal it runs out."""

    owner: str
    """Who: a later request by another owner does not lift it."""

    epoch: int = 0
    """The owner's term; a lower one than the last seen is refused."""

    ttl_seconds: float
    """How long it still holds."""


class SiteModel(WireModel):
    id: str
    """The name a client uses: the site's public name, with a suffix where two models share one."""

    organization: str = ""
    """Who made it, as the site says."""


class InstanceStatus(WireModel):
    instance: str
    """The instance's name."""

    pool: str
    """`namespace/name` of its pool."""

    boot: str
    """Random for each start of the process: versions are comparable within one boot only."""

    version: int
    """Grows with every change."""

    profile: str = ""
    """Which of the pool's profiles it has; empty: the pool has none."""

    template_hash: str = ""
    """The revision of the spec that it was started for."""

    started: bool = False
    """Whether the browser has been up and every slot has reached a first state other than Starting."""

    draining: bool = False
    """It is on its way out: running chats end, new ones are refused."""

    draining_reason: str = ""
    """Why, as one CamelCase word, where it has given itself up; empty: it was asked to end."""

    cordons: list[Cordon] = []
    """Who keeps new chats away; empty: nobody."""

    slots: list[SlotStatus] = []
    """Every slot."""

    models: list[SiteModel] = []
    """What the site offers here, before the pool's choice; empty until a page has shown it."""

    metrics_port: int = 0
    """Where `/metrics` and the probes are."""

    @property
    def ready(self) -> bool:
        """Readiness is health: full is not unready, and cordoned stays ready."""
        return not self.draining and any(
            slot.state in {SlotState.READY, SlotState.BUSY} for slot in self.slots
        )

    def count(self, *states: SlotState) -> int:
        return sum(slot.state in states for slot in self.slots)


class CordonRequest(WireModel):
    owner: str
    epoch: int = 0
    ttl_seconds: float = 60.0
