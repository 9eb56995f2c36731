"""What the load asks for, before any damping: the first step of the autoscaler.

With `slots` per instance, utilisation = (busy + pending) / (instances * slots). Two slots, 80 % and 30 %: one instance and
a demand of 5 are 250 %, and the fewest instances at or below 80 % are ceil(5 / 1.6) = 4.
"""

from bridge_api.spec.pool import PoolSpec
from bridge_operator.autoscaler.load import Load
from bridge_operator.autoscaler.step import Step

IDLE = "Idle"
"""The reason of the wish for no instance at all: its own time of idleness has damped it already."""


def recommend(spec: PoolSpec, load: Load | None, *, current: int, grown_lately: bool = False) -> Step:
    """Return how many instances the load asks for, given `current` wanted ones; None is a load that nobody knows.

    `grown_lately`: within the window of the times to the first token, which then say little of the new number yet.
    """
    if load is None:
        return Step(current, "LoadUnknown", "no router has told the load lately, and the number stays")
    if current == 0:
        return _from_zero(spec, load)
    return _more(spec, load, current, grown_lately=grown_lately) or _less(spec, load, current)


def fewest_instances(spec: PoolSpec, load: Load) -> int:
    """Return the fewest instances at or below `scaleUpAbovePercent` that also keep the buffer free."""
    for_utilization = _ceil_div(load.demand * 100, spec.autoscaling.scale_up_above_percent * spec.slots)
    for_buffer = _ceil_div(load.demand + _buffer_slots(spec, load), spec.slots)
    return max(for_utilization, for_buffer)


def _more(spec: PoolSpec, load: Load, current: int, *, grown_lately: bool) -> Step | None:
    needed = fewest_instances(spec, load)
    if needed > current:
        return Step(
            needed, "HighUtilization", _told(spec, load, current, f"{_instances(needed)} would hold it")
        )
    if _is_slow(spec, load, current):
        if grown_lately:
            return Step(
                current, "SlowFirstToken", "first tokens are slow, and one instance more is on its way"
            )
        why = f"one first token in ten takes {load.first_token_p90_seconds:.1f} s or more"
        return Step(current + 1, "SlowFirstToken", f"{why}, and one instance more may help")
    return None


def _less(spec: PoolSpec, load: Load, current: int) -> Step:
    if not load.complete:
        return Step(current, "LoadUnknown", "a part of the load is not known, and the number does not fall")
    if current == 1:
        return _last_one(spec, load)
    if current > fewest_instances(spec, load) and _one_less_is_enough(spec, load, current):
        return Step(current - 1, "LowUtilization", _told(spec, load, current, "one instance less is enough"))
    return Step(current, "DesiredWithinRange", _told(spec, load, current, "the number fits"))


def _from_zero(spec: PoolSpec, load: Load) -> Step:
    needed = fewest_instances(spec, load)
    if load.demand == 0:
        return Step(0, "ScaledToZero", "nobody asks")
    return Step(
        needed,
        "DemandFromZero",
        f"{load.demand} wait and no instance is wanted; {_instances(needed)} would hold it",
    )


def _last_one(spec: PoolSpec, load: Load) -> Step:
    """Only idleness ends the last instance, however little it has to do."""
    patience = spec.autoscaling.idle_seconds_to_zero
    if spec.autoscaling.min_instances > 0 or load.demand > 0:
        return Step(1, "DesiredWithinRange", _told(spec, load, 1, "the number fits"))
    if load.idle_seconds < patience:
        return Step(1, "DesiredWithinRange", f"idle, but not for {patience} s yet")
    return Step(0, IDLE, f"nobody has asked for {patience} s")


def _one_less_is_enough(spec: PoolSpec, load: Load, current: int) -> bool:
    if _is_low(spec, load, current):
        return True
    scaling = spec.autoscaling
    twice_midway = scaling.scale_up_above_percent + scaling.scale_down_below_percent
    return load.demand * 200 <= twice_midway * (current - 1) * spec.slots


def _is_slow(spec: PoolSpec, load: Load, current: int) -> bool:
    """Slow tokens of slots that are mostly free are the site's doing, and no instance mends them."""
    target, p90 = spec.autoscaling.response_time, load.first_token_p90_seconds
    if target is None or p90 is None or load.demand == 0:
        return False
    return p90 > target.p90_seconds and not _is_low(spec, load, current)


def _is_low(spec: PoolSpec, load: Load, current: int) -> bool:
    return load.demand * 100 < spec.autoscaling.scale_down_below_percent * current * spec.slots


def _buffer_slots(spec: PoolSpec, load: Load) -> int:
    buffer = spec.autoscaling.buffer_slots
    if isinstance(buffer, int):
        return buffer
    return _ceil_div(load.busy * int(buffer.removesuffix("%")), 100)


def _ceil_div(dividend: int, divisor: int) -> int:
    return -(-dividend // divisor)


def _told(spec: PoolSpec, load: Load, current: int, verdict: str) -> str:
    slots = current * spec.slots
    percent = round(load.demand * 100 / slots)
    return f"{load.busy} busy and {load.pending} waiting on {slots} slots are {percent} %, and {verdict}"


def _instances(count: int) -> str:
    return f"{count} instance{'' if count == 1 else 's'}"
