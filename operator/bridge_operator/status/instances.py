"""What is wrong with an instance, as it says itself."""

from bridge_api.wire.instance import LASTING_REASONS, InstanceStatus, SlotState, SlotStatus
from bridge_operator.status.reasons import ADVICE, Trouble

_BLOCKED = frozenset({SlotState.NEEDS_HUMAN, SlotState.RATE_LIMITED})


def instance_troubles(status: InstanceStatus) -> list[Trouble]:
    """List what keeps slots from chatting, each reason once.

    A slot that heals by itself is told only where the whole instance has nothing to serve with.
    """
    if status.draining:
        return []
    found: dict[str, Trouble] = {}
    for slot in status.slots:
        if slot.state in _BLOCKED or (slot.state is SlotState.BROKEN and _is_told(slot, status)):
            trouble = _trouble(slot, status.instance)
            found.setdefault(trouble.reason, trouble)
    return list(found.values())


def _is_told(slot: SlotStatus, status: InstanceStatus) -> bool:
    return slot.reason in LASTING_REASONS or slot.reason in ADVICE or not status.ready


def _trouble(slot: SlotStatus, instance: str) -> Trouble:
    reason = slot.reason or slot.state.value
    needs_human = slot.state is SlotState.NEEDS_HUMAN
    return Trouble(reason, slot.message or f"slot {slot.slot} is {slot.state.value}", instance, needs_human)
