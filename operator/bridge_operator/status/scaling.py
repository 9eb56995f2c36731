"""The conditions of scaling: who decides how many instances there are, and what holds the number."""

from bridge_api.spec import PoolSpec, ScalingMode
from bridge_operator.plan.holding import HELD
from bridge_operator.status.facts import PoolFacts
from bridge_operator.status.verdict import FALSE, TRUE, UNKNOWN, Verdict

_LOAD_UNKNOWN = "LoadUnknown"
_HEAR_ROUTERS = (
    "the operator and its routers need the same master token, and a network policy that lets it reach them"
)


def scaling_active(spec: PoolSpec, facts: PoolFacts) -> Verdict:
    """Say whether the load moves the number of instances."""
    if spec.paused:
        return Verdict(FALSE, "Paused", "spec.paused: the number stays")
    mode = spec.autoscaling.mode
    if mode is not ScalingMode.LOAD:
        return Verdict(FALSE, mode.value, _by_hand(spec))
    ignored = "" if spec.replicas is None else "; spec.replicas is ignored (autoscaling.mode is Load)"
    if facts.decision is None:
        return Verdict(UNKNOWN, "NotDecidedYet", f"the load has not been looked at yet{ignored}")
    wish = facts.decision.wish
    if wish.reason == _LOAD_UNKNOWN and facts.load_trouble:
        return Verdict(FALSE, "LoadFeedRefused", f"{facts.load_trouble}; {_HEAR_ROUTERS}{ignored}")
    if wish.reason == _LOAD_UNKNOWN:
        return Verdict(FALSE, _LOAD_UNKNOWN, f"{wish.message}; see that every router runs{ignored}")
    return Verdict(TRUE, mode.value, f"the load decides{ignored}")


def scaling_limited(spec: PoolSpec, facts: PoolFacts) -> Verdict:
    """Say what keeps the number from being what the load, or whoever writes `replicas`, asks for."""
    held = _limits(spec)
    reason = facts.decision.outcome.reason if facts.decision is not None else ""
    if reason in held and not spec.paused:
        return Verdict(TRUE, reason, held[reason])
    if facts.held and not spec.paused:
        return Verdict(TRUE, HELD, facts.held)
    return Verdict(FALSE, "WithinLimits", "no limit holds the number")


def _by_hand(spec: PoolSpec) -> str:
    mode = spec.autoscaling.mode.value
    if spec.replicas is None:
        return f"autoscaling.mode is {mode} and spec.replicas is not set: minInstances holds ({spec.autoscaling.min_instances})"
    return f"autoscaling.mode is {mode}: spec.replicas holds ({spec.replicas})"


def _limits(spec: PoolSpec) -> dict[str, str]:
    """Say each limit without the figures of the moment."""
    scaling = spec.autoscaling
    return {
        "TooManyInstances": f"more would be used than maxInstances allows ({scaling.max_instances})",
        "TooFewInstances": f"fewer would be enough than minInstances asks for ({scaling.min_instances})",
        "ProfileLimit": "more would be used than maxInstances of the profiles allows in all",
        "ScaleUpLimit": "behavior.scaleUp holds it back for now",
        "ScaleDownLimit": "behavior.scaleDown holds it back for now",
    }
