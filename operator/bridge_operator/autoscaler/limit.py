"""What may be done about a wish: rate policies, minimum and maximum. The last step of the autoscaler.

Source: HorizontalPodAutoscaler v2, `behavior`: each policy bounds the change within its period, counted from the number at
the period's start (the current one less what was changed since); `selectPolicy` chooses among them.
"""

from collections.abc import Sequence
from math import ceil, floor

from bridge_api.spec.pool import PoolSpec
from bridge_api.spec.scaling import AutoscalingSpec, PolicyType, ScalingPolicy, ScalingRules, SelectPolicy
from bridge_operator.autoscaler.memory import Memory
from bridge_operator.autoscaler.recommend import IDLE
from bridge_operator.autoscaler.step import Step

DEFAULT_UP = (
    ScalingPolicy(type=PolicyType.PODS, value=1, period_seconds=15),
    ScalingPolicy(type=PolicyType.PERCENT, value=100, period_seconds=15),
)
DEFAULT_DOWN = (ScalingPolicy(type=PolicyType.PODS, value=1, period_seconds=60),)


def limit(spec: AutoscalingSpec, wish: Step, memory: Memory, *, current: int, now: float) -> Step:
    """Bound a wish by the policies, and then by minimum and maximum, which win over everything."""
    return within_bounds(spec, _rated(spec, wish, memory, current=current, now=now))


def within_bounds(spec: AutoscalingSpec, wish: Step) -> Step:
    """Bound a wish by minimum and maximum."""
    if wish.value > spec.max_instances:
        return wish.changed(spec.max_instances, "TooManyInstances", f"maxInstances is {spec.max_instances}")
    if wish.value < spec.min_instances:
        return wish.changed(spec.min_instances, "TooFewInstances", f"minInstances is {spec.min_instances}")
    return wish


def within_profiles(spec: PoolSpec, wish: Step) -> Step:
    """Bound a wish by what the profiles may have together; that wins over everything, whoever decides."""
    most = most_of_profiles(spec)
    if most is None or wish.value <= most:
        return wish
    return wish.changed(most, "ProfileLimit", f"maxInstances of the profiles is {most} in all")


def most_of_profiles(spec: PoolSpec) -> int | None:
    """Add up how many instances the profiles may have; None: there is no bound."""
    bounds = [profile.max_instances for profile in spec.profiles]
    bounded = [bound for bound in bounds if bound is not None]
    return sum(bounded) if bounds and len(bounded) == len(bounds) else None


def _rated(spec: AutoscalingSpec, wish: Step, memory: Memory, *, current: int, now: float) -> Step:
    if wish.value > current > 0:
        most = _most(spec.behavior.scale_up, memory, current, now)
        if wish.value > most:
            return wish.changed(most, "ScaleUpLimit", f"behavior.scaleUp allows {most} now")
    if wish.value < current and wish.reason != IDLE:
        least = _least(spec.behavior.scale_down, memory, current, now)
        if wish.value < least:
            return wish.changed(least, "ScaleDownLimit", f"behavior.scaleDown allows {least} now")
    return wish


def _most(rules: ScalingRules, memory: Memory, current: int, now: float) -> int:
    if rules.select_policy is SelectPolicy.DISABLED:
        return current
    allowed = []
    for policy, start in _starts(rules.policies or DEFAULT_UP, memory, current, now):
        by_percent = ceil(start * (100 + policy.value) / 100)
        allowed.append(start + policy.value if policy.type is PolicyType.PODS else by_percent)
    chosen = min(allowed) if rules.select_policy is SelectPolicy.MIN else max(allowed)
    return max(current, chosen)


def _least(rules: ScalingRules, memory: Memory, current: int, now: float) -> int:
    if rules.select_policy is SelectPolicy.DISABLED:
        return current
    allowed = []
    for policy, start in _starts(rules.policies or DEFAULT_DOWN, memory, current, now):
        by_percent = floor(start * (100 - policy.value) / 100)
        allowed.append(start - policy.value if policy.type is PolicyType.PODS else by_percent)
    chosen = max(allowed) if rules.select_policy is SelectPolicy.MIN else min(allowed)
    return min(current, max(0, chosen))


def _starts(
    policies: Sequence[ScalingPolicy], memory: Memory, current: int, now: float
) -> list[tuple[ScalingPolicy, int]]:
    """Pair each policy with the number of instances at the start of its period."""
    return [(policy, current - memory.net_change_within(policy.period_seconds, now)) for policy in policies]
