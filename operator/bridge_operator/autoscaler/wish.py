"""How many instances one pool wants: what was decided last, and what is remembered for the next time."""

from dataclasses import dataclass

from bridge_api.pool import BridgeInstancePool
from bridge_api.spec import PoolSpec, ScalingMode
from bridge_operator.autoscaler.decision import Decision, decide, first_wanted, waits_for_time
from bridge_operator.autoscaler.load import Load
from bridge_operator.autoscaler.memory import Memory


@dataclass(frozen=True, slots=True)
class Wish:
    """What was decided last for a pool, and with which past."""

    desired: int
    memory: Memory
    decision: Decision | None = None

    held_back: bool = False
    """By a window or a rate; a bound holds whatever the time."""

    idle_last_one: bool = False
    """One instance, nothing to do, and it may go in a while."""

    @property
    def waits_for_time(self) -> bool:
        """Tell whether the same load may mean another number later: a window, a policy, an idle last instance."""
        if self.decision is None:
            return True
        return self.held_back or self.decision.wish.reason == "SlowFirstToken" or self.idle_last_one


def begin(pool: BridgeInstancePool, found: int | None, now: float) -> Wish:
    """Begin with the number that is there, or where the pool is new with its first one.

    After a start the number counts as wished for just now: nothing goes within the first stable window.
    """
    first = first_wanted(pool.spec) if found is None else found
    return Wish(first, Memory.begin(first, now))


def waits_for_first_number(spec: PoolSpec) -> bool:
    """Tell whether others are to say how many, and nobody has yet."""
    return spec.autoscaling.mode is ScalingMode.EXTERNAL and spec.replicas is None and not spec.paused


def settle(pool: BridgeInstancePool, load: Load | None, wish: Wish, now: float) -> Wish:
    """Decide once."""
    decision, memory = decide(pool.spec, load, wish.memory, current=wish.desired, now=now)
    may_go = pool.spec.autoscaling.min_instances == 0 and decision.value == 1
    return Wish(
        decision.value,
        memory,
        decision,
        held_back=waits_for_time(pool.spec, decision),
        idle_last_one=may_go and load is not None and load.demand == 0,
    )
