"""How many instances each pool wants now: asks the autoscaler, remembers for it, and keeps what is worth telling."""

from collections.abc import Callable, Iterable

from bridge_api.pool import BridgeInstancePool
from bridge_operator.autoscaler import Decision, Load
from bridge_operator.autoscaler.wish import Wish, begin, settle


class Scaling:
    def __init__(self) -> None:
        self._wishes: dict[str, Wish] = {}

    def desired(self, key: str) -> int:
        """Return the wanted number of a pool that has been settled; a pool that is paused from the start wants none."""
        return self._wishes[key].desired if key in self._wishes else 0

    def settle(
        self, pools: Iterable[BridgeInstancePool], load_of: Callable[[str], Load | None], now: float
    ) -> dict[str, Decision]:
        """Decide for each pool, and return the decisions that say something new."""
        known, self._wishes = self._wishes, {}
        news = {}
        for pool in pools:
            if pool.spec.paused and pool.key not in known:
                continue
            before = known.get(pool.key) or begin(pool, None, now)
            after = self._wishes[pool.key] = settle(pool, load_of(pool.key), before, now)
            if after.decision is not None and _is_news(before, after):
                news[pool.key] = after.decision
        return news


def _is_news(before: Wish, after: Wish) -> bool:
    told, said = (wish.decision.reason if wish.decision is not None else "" for wish in (before, after))
    return after.desired != before.desired or said != told
