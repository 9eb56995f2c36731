"""The one log line of each request, and its metrics; no texts and no keys in either."""

from collections.abc import Callable

from bridge_api import names
from bridge_router.metrics import Metrics
from bridge_router.pods.exchange import Exchange
from bridge_runtime.logs import get_logger

OK = "ok"
CLIENT_GONE = "client_gone"

_log = get_logger("router")


class Account:
    """What a request was, as far as it came."""

    def __init__(self, request_id: str, key_id: str, clock: Callable[[], float]) -> None:
        self.request_id = request_id
        self.key_id = key_id
        self.code = CLIENT_GONE
        self.stream = False
        self._clock = clock
        self._began = clock()
        self._first_content: float | None = None

    def first_content(self, exchange: Exchange) -> None:
        """Note that the client's answer begins now."""
        self._first_content = self._clock() - self._began
        if exchange.pool is not None:
            # Without the wait: the autoscaler asks how fast the site is, the queue speaks for itself.
            seconds = max(0.0, self._first_content - exchange.ticket.waited_seconds)
            exchange.pool.first_tokens.add(seconds, self._clock())

    def close(self, exchange: Exchange, metrics: Metrics) -> None:
        """Write the line and count."""
        total = self._clock() - self._began
        pool = exchange.pool
        label = pool.offer.label(exchange.ticket.wants) if pool else "other"
        metrics.request_ended(
            pool.key if pool else "",
            label,
            self.code,
            total=total,
            queued=exchange.ticket.waited_seconds,
            first_content=self._first_content,
        )
        _log.info(
            "request",
            request_id=self.request_id,
            key=self.key_id,
            pool=pool.key if pool else None,
            model=label,
            stream=self.stream,
            instance=exchange.attempt.instance if exchange.attempt else None,
            attempts=exchange.tries.attempts,
            affinity=exchange.attempt.headers.get(names.AFFINITY) if exchange.attempt else None,
            code=self.code,
            queue_seconds=round(exchange.ticket.waited_seconds, 3),
            first_token_seconds=None if self._first_content is None else round(self._first_content, 3),
            total_seconds=round(total, 3),
        )
