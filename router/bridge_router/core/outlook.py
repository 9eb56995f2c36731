"""Whether waiting makes sense: what the slots of a pool say together when none of them takes a chat."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.wire.instance import LASTING_REASONS, SlotState, SlotStatus
from bridge_router.core.endpoint import Endpoint

UNKNOWN_LIMIT_SECONDS = 60.0
"""What a client is told to wait where the site has set a limit without saying for how long."""

LEAVING_RETRY_SECONDS = 5.0
"""What a client is told to wait where this router is about to end: another one, or the next, may be there by then."""

PERSON_RETRY_SECONDS = 10.0
"""What a client is told to wait where a person is needed: as long as the pods themselves say."""

GONE_RETRY_SECONDS = 10.0
"""What a client is told to wait where a pool has been removed: it may be made anew."""

_HOPEFUL = frozenset({SlotState.READY, SlotState.BUSY, SlotState.STARTING, SlotState.RECYCLING})


class Denial(NamedTuple):
    """A request is not to be served: what, and why for a person."""

    kind: ErrorKind
    message: str
    retry_after_seconds: float | None = None

    def error(self) -> BridgeError:
        return BridgeError(self.kind, self.message, retry_after_seconds=self.retry_after_seconds)


def reason_not_to_wait(
    pool: str, endpoints: Collection[Endpoint], now: float, *, draining: bool = False
) -> Denial | None:
    """Say why nothing will become free by itself, or None where something may.

    A router that is `draining` counts on the instances it hears from alone: it may not live to see another one start.
    """
    if draining and not any(e.current is not None and not e.current.draining for e in endpoints):
        return _leaving(pool)
    return _reason_in_the_slots(pool, endpoints, now)


def _reason_in_the_slots(pool: str, endpoints: Collection[Endpoint], now: float) -> Denial | None:
    capable = []
    for endpoint in endpoints:
        if endpoint.terminating or (endpoint.status is not None and endpoint.status.cordons):
            continue
        if endpoint.current is None or not endpoint.current.slots:
            return None
        if not endpoint.current.draining:
            capable.append(endpoint)
    slots = [(slot, endpoint.seen_at) for endpoint in capable for slot in _slots(endpoint)]
    states = {slot.state for slot, _ in slots}
    if states & _HOPEFUL:
        return None
    if SlotState.RATE_LIMITED in states:
        return _rate_limited(pool, slots, now)
    if SlotState.NEEDS_HUMAN in states:
        return _needs_human(pool, [slot for slot, _ in slots])
    if slots and all(slot.reason in LASTING_REASONS for slot, _ in slots):
        return _broken_for_good(pool, slots[0][0])
    return None


def _slots(endpoint: Endpoint) -> Sequence[SlotStatus]:
    return endpoint.status.slots if endpoint.status else ()


def _leaving(pool: str) -> Denial:
    message = f"This router is about to end, and so is every instance of pool {pool}; try again later."
    return Denial(ErrorKind.DRAINING, message, retry_after_seconds=LEAVING_RETRY_SECONDS)


def _broken_for_good(pool: str, slot: SlotStatus) -> Denial:
    message = f"No instance of pool {pool} can start its browser: {slot.message} See `bridge get instances`."
    return Denial(ErrorKind.NO_INSTANCE, message, retry_after_seconds=UNKNOWN_LIMIT_SECONDS)


def _rate_limited(pool: str, slots: Sequence[tuple[SlotStatus, float]], now: float) -> Denial:
    left = [
        max(1.0, slot.remaining_seconds - (now - seen_at))
        for slot, seen_at in slots
        if slot.state is SlotState.RATE_LIMITED and slot.remaining_seconds is not None
    ]
    message = f"The site limits every instance of pool {pool} for now; the limit is waited out."
    return Denial(ErrorKind.SITE_RATE_LIMITED, message, min(left, default=UNKNOWN_LIMIT_SECONDS))


def _needs_human(pool: str, slots: Sequence[SlotStatus]) -> Denial:
    asking = next(slot for slot in slots if slot.state is SlotState.NEEDS_HUMAN)
    why = asking.message or asking.reason
    message = f"Every instance of pool {pool} waits for a person{f': {why}' if why else ''}. See `bridge get instances`."
    return Denial(ErrorKind.NEEDS_HUMAN, message, retry_after_seconds=PERSON_RETRY_SECONDS)
