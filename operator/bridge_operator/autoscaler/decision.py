"""The three steps in a row, for a pool in any scaling mode; and what is to be remembered of it."""

from dataclasses import dataclass

from bridge_api.spec.pool import PoolSpec
from bridge_api.spec.scaling import ScalingMode, SelectPolicy
from bridge_api.wire.load import FIRST_TOKEN_WINDOW_SECONDS
from bridge_operator.autoscaler.limit import limit, most_of_profiles, within_bounds, within_profiles
from bridge_operator.autoscaler.load import Load
from bridge_operator.autoscaler.memory import Memory
from bridge_operator.autoscaler.recommend import recommend
from bridge_operator.autoscaler.stabilize import stabilize
from bridge_operator.autoscaler.step import Step


@dataclass(frozen=True, slots=True)
class Decision:
    """How many instances there are to be, from now on."""

    current: int
    """How many were wanted before."""

    wish: Step
    """What was recommended."""

    outcome: Step
    """What came out of it."""

    @property
    def value(self) -> int:
        return self.outcome.value

    @property
    def reason(self) -> str:
        """The cause of a change; where nothing changes, what has held the number."""
        moves_as_wished = (
            self.current < self.value <= self.wish.value or self.wish.value <= self.value < self.current
        )
        return self.wish.reason if moves_as_wished else self.outcome.reason

    @property
    def message(self) -> str:
        return self.outcome.message


def decide(
    spec: PoolSpec, load: Load | None, memory: Memory, *, current: int, now: float
) -> tuple[Decision, Memory]:
    """Decide once, and return the decision with the memory for the next time."""
    wish = _wish(spec, load, current, grown_lately=memory.grown_within(FIRST_TOKEN_WINDOW_SECONDS, now))
    outcome = wish
    if spec.autoscaling.mode is ScalingMode.LOAD and not spec.paused:
        stable = stabilize(spec.autoscaling, wish, memory, current=current, now=now)
        outcome = limit(spec.autoscaling, stable, memory, current=current, now=now)
    if not spec.paused:
        outcome = within_profiles(spec, outcome)
    memory = memory.wished(wish.value, now)
    if outcome.value != current:
        memory = memory.changed(outcome.value - current, now)
    return Decision(current, wish, outcome), memory


def first_wanted(spec: PoolSpec) -> int:
    """Return how many instances a new pool starts with."""
    scaling, most = spec.autoscaling, most_of_profiles(spec)
    initial = scaling.min_instances if scaling.initial_instances is None else scaling.initial_instances
    first = initial if scaling.mode is ScalingMode.LOAD else _by_hand(spec)
    return first if most is None else min(first, most)


def waits_for_time(spec: PoolSpec, decision: Decision) -> bool:
    """Tell whether the number gets closer to what was wished for as time goes by, and nothing else changes."""
    scaling = spec.autoscaling
    if spec.paused or scaling.mode is not ScalingMode.LOAD:
        return False
    reachable = within_profiles(spec, within_bounds(scaling, decision.wish)).value
    rules = scaling.behavior.scale_up if reachable > decision.value else scaling.behavior.scale_down
    return reachable != decision.value and rules.select_policy is not SelectPolicy.DISABLED


def _wish(spec: PoolSpec, load: Load | None, current: int, *, grown_lately: bool) -> Step:
    if spec.paused:
        return Step(current, "Paused", "spec.paused: hands off")
    mode = spec.autoscaling.mode
    if mode is not ScalingMode.LOAD:
        wanted = _by_hand(spec)
        return Step(wanted, mode.value, f"autoscaling.mode is {mode.value}, and {wanted} are asked for")
    return recommend(spec, load, current=current, grown_lately=grown_lately)


def _by_hand(spec: PoolSpec) -> int:
    return spec.autoscaling.min_instances if spec.replicas is None else spec.replicas
