"""How many instances each pool wants now: asks the autoscaler, remembers for it, and keeps what is worth telling."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bridge_api.pool import BridgeInstancePool
from bridge_operator.autoscaler import Decision, Load, Memory, decide
from bridge_operator.autoscaler.decision import first_wanted


@dataclass(frozen=True, slots=True)
class _Pool:
    desired: int
    memory: Memory
    told: str = ""
    """The reason that was told last."""


class Scaling:
    def __init__(self) -> None:
        self._pools: dict[str, _Pool] = {}

    def desired(self, key: str) -> int:
        """Return the wanted number of a pool that has been settled; a pool that is paused from the start wants none."""
        return self._pools[key].desired if key in self._pools else 0

    def settle(
        self, pools: Iterable[BridgeInstancePool], load_of: Callable[[str], Load | None], now: float
    ) -> dict[str, Decision]:
        """Decide for each pool, and return the decisions that say something new."""
        known, self._pools = self._pools, {}
        news = {}
        for pool in pools:
            if pool.spec.paused and pool.key not in known:
                continue
            before = known.get(pool.key) or _fresh(pool, now)
            decision, memory = decide(
                pool.spec, load_of(pool.key), before.memory, current=before.desired, now=now
            )
            if decision.value != before.desired or decision.reason != before.told:
                news[pool.key] = decision
            self._pools[pool.key] = _Pool(decision.value, memory, decision.reason)
        return news


def _fresh(pool: BridgeInstancePool, now: float) -> _Pool:
    first = first_wanted(pool.spec)
    return _Pool(first, Memory.begin(first, now))
