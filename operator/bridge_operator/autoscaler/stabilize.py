"""Damping, so that a short lull removes nothing: the second step of the autoscaler.

Source: HorizontalPodAutoscaler v2, "Stabilization window": on the way down the highest wish of the window wins, on the way
up the lowest one.
"""

from bridge_api.spec.scaling import AutoscalingSpec
from bridge_operator.autoscaler.memory import Memory
from bridge_operator.autoscaler.recommend import IDLE
from bridge_operator.autoscaler.step import Step


def stabilize(spec: AutoscalingSpec, wish: Step, memory: Memory, *, current: int, now: float) -> Step:
    """Damp a wish by the earlier ones, which `memory` holds."""
    if wish.value < current and wish.reason != IDLE:
        return _down(spec, wish, memory, current=current, now=now)
    if wish.value > current > 0:
        return _up(spec, wish, memory, current=current, now=now)
    return wish


def down_window_seconds(spec: AutoscalingSpec) -> int:
    """Return for how long a lower wish must hold."""
    own = spec.behavior.scale_down.stabilization_window_seconds
    return spec.stable_window_seconds if own is None else own


def _down(spec: AutoscalingSpec, wish: Step, memory: Memory, *, current: int, now: float) -> Step:
    window = down_window_seconds(spec)
    highest = max([wish.value, *memory.wishes_within(window, now)])
    allowed = min(current, highest)
    if allowed == wish.value:
        return wish
    return wish.changed(allowed, "ScaleDownStabilized", f"{highest} were wanted within the last {window} s")


def _up(spec: AutoscalingSpec, wish: Step, memory: Memory, *, current: int, now: float) -> Step:
    window = spec.behavior.scale_up.stabilization_window_seconds or 0
    lowest = min([wish.value, *memory.wishes_within(window, now)])
    allowed = max(current, lowest)
    if allowed == wish.value:
        return wish
    return wish.changed(allowed, "ScaleUpStabilized", f"{lowest} were enough within the last {window} s")
