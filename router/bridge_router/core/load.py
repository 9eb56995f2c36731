"""What the router says of demand: the numbers of one pool for the load feed."""

from collections import deque

from bridge_api.wire.load import FIRST_TOKEN_WINDOW_SECONDS

_MAX_SAMPLES = 10_000


class FirstTokenWindow:
    """Times to the first token of the last minute."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=_MAX_SAMPLES)

    def add(self, seconds: float, now: float) -> None:
        self._samples.append((now, seconds))

    def p90(self, now: float) -> float | None:
        """Return the 90th percentile (nearest rank), or None without a sample."""
        while self._samples and self._samples[0][0] < now - FIRST_TOKEN_WINDOW_SECONDS:
            self._samples.popleft()
        ordered = sorted(seconds for _, seconds in self._samples)
        return ordered[-(-len(ordered) * 9 // 10) - 1] if ordered else None
