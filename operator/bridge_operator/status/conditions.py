"""The conditions of a pool: each a pure verdict on the facts."""

from typing import NamedTuple

from bridge_api.spec import PoolSpec, ScalingMode
from bridge_api.status import ConditionType
from bridge_operator.status.facts import PoolFacts, RolloutState
from bridge_operator.status.reasons import INVALID_SETTINGS, told
from bridge_operator.status.scaling import scaling_active, scaling_limited
from bridge_operator.status.verdict import FALSE, TRUE, Verdict

_TO_GO_ON = {RolloutState.PAUSED: "; set rollout.paused to false to go on"}


class Condition(NamedTuple):
    type: ConditionType
    verdict: Verdict


def judge(spec: PoolSpec | None, facts: PoolFacts) -> list[Condition]:
    """Judge every condition, always all of them; `spec` is None where it cannot even be read."""
    refused = Verdict(FALSE, INVALID_SETTINGS, facts.refused)
    if spec is None or facts.refused:
        ready = progressing = active = limited = refused
    else:
        ready, progressing = _ready(spec, facts), _progressing(spec, facts)
        active, limited = scaling_active(spec, facts), scaling_limited(spec, facts)
    return [
        Condition(ConditionType.READY, ready),
        Condition(ConditionType.PROGRESSING, progressing),
        Condition(ConditionType.DEGRADED, _degraded(facts)),
        Condition(ConditionType.SCALING_ACTIVE, active),
        Condition(ConditionType.SCALING_LIMITED, limited),
        Condition(ConditionType.DRAINING, _draining(facts)),
        Condition(ConditionType.NEEDS_HUMAN, _needs_human(facts)),
    ]


def _ready(spec: PoolSpec, facts: PoolFacts) -> Verdict:
    if facts.wanted == 0 and not spec.paused:
        how = "a request starts one" if spec.autoscaling.mode is ScalingMode.LOAD else "replicas is 0"
        return Verdict(TRUE, "ScaledToZero", f"no instance is wanted; {how}")
    counted = _counted(facts)
    if facts.ready >= max(1, facts.wanted):
        return Verdict(TRUE, "InstancesReady", counted)
    if facts.ready > 0:
        return Verdict(TRUE, "SomeInstancesReady", counted)
    return _why_not(facts) or (_paused() if spec.paused else Verdict(FALSE, "Starting", counted))


def _progressing(spec: PoolSpec, facts: PoolFacts) -> Verdict:
    if spec.paused:
        return _paused()
    state, message = facts.rollout
    if state in {RolloutState.FAILED, RolloutState.PAUSED}:
        return Verdict(FALSE, state.value, f"{message}{_TO_GO_ON.get(state, '')}")
    if facts.ready < facts.wanted:
        return _why_not(facts) or _under_way(facts)
    if state is RolloutState.UNDER_WAY:
        return Verdict(TRUE, state.value, message)
    if facts.replicas > facts.wanted:
        return Verdict(
            TRUE, "ScalingDown", f"{facts.replicas} instances are there, {facts.wanted} are wanted"
        )
    return Verdict(FALSE, state.value, message or f"{facts.wanted} instances are wanted, and ready")


def _under_way(facts: PoolFacts) -> Verdict:
    state, message = facts.rollout
    if state is RolloutState.UNDER_WAY:
        return Verdict(TRUE, state.value, message)
    return Verdict(TRUE, "Starting", _counted(facts))


def _why_not(facts: PoolFacts) -> Verdict | None:
    """Say why instances are not ready, where it is more than that they start."""
    troubles = facts.all_troubles
    if troubles:
        return Verdict(FALSE, troubles[0].reason, told(troubles))
    if facts.blocked is not None:
        return Verdict(FALSE, facts.blocked.reason, told([facts.blocked]))
    return None


def _degraded(facts: PoolFacts) -> Verdict:
    troubles = facts.all_troubles
    if not troubles:
        return Verdict(FALSE, "AsExpected", "nothing is wrong")
    return Verdict(TRUE, troubles[0].reason, told(troubles))


def _draining(facts: PoolFacts) -> Verdict:
    if facts.draining == 0:
        return Verdict(FALSE, "NothingDrains", "no instance is on its way out")
    return Verdict(TRUE, "InstancesDraining", f"{facts.draining} on their way out; their chats end first")


def _needs_human(facts: PoolFacts) -> Verdict:
    waiting = [trouble for trouble in facts.all_troubles if trouble.needs_human]
    if not waiting:
        return Verdict(FALSE, "NobodyNeeded", "no slot waits for a person")
    return Verdict(TRUE, waiting[0].reason, told(waiting))


def _paused() -> Verdict:
    return Verdict(FALSE, "Paused", "spec.paused: nothing is started, stopped or scaled; set it to false")


def _counted(facts: PoolFacts) -> str:
    return f"{facts.ready} of {facts.wanted} instances are ready"
