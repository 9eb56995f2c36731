"""Why no slot can take a chat, as the error that says what is to come: a free slot, a start, a person, or time."""

from collections.abc import Sequence

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.wire.instance import SlotState, SlotStatus
from bridge_browser.failures import PERSON_SECONDS


def refusal_for(slots: Sequence[SlotStatus]) -> BridgeError:
    """Explain slots none of which is Ready."""
    states = {slot.state for slot in slots}
    if states & {SlotState.BUSY, SlotState.RECYCLING, SlotState.READY}:
        return BridgeError(
            ErrorKind.SLOTS_FULL, "Every slot of this instance is busy.", retry_after_seconds=1
        )
    if SlotState.STARTING in states:
        return BridgeError(ErrorKind.NO_INSTANCE, "This instance is starting.", retry_after_seconds=1)
    if SlotState.NEEDS_HUMAN in states:
        return BridgeError(
            ErrorKind.NEEDS_HUMAN,
            f"Waiting for a person: {_reasons(slots)}",
            retry_after_seconds=PERSON_SECONDS,
        )
    if SlotState.RATE_LIMITED in states:
        waits = min(slot.remaining_seconds or 0.0 for slot in slots if slot.state is SlotState.RATE_LIMITED)
        return BridgeError(
            ErrorKind.SITE_RATE_LIMITED, "The site has set a limit.", retry_after_seconds=waits
        )
    return BridgeError(
        ErrorKind.NO_INSTANCE, f"No slot of this instance works: {_reasons(slots)}", retry_after_seconds=5
    )


def _reasons(slots: Sequence[SlotStatus]) -> str:
    """List each reason once, with what to do about it."""
    return " ".join(dict.fromkeys(f"{slot.reason}: {slot.message}" for slot in slots if slot.reason))
