"""The router's metrics by their public names; gauges are read from the pools when somebody scrapes."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bridge_api.wire.instance import SlotState
from bridge_router.core.pool import Pool

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0)
_POOL = ("namespace", "pool")


class Metrics:
    """What is counted while requests come and go."""

    def __init__(self, pools: Callable[[], Iterable[Pool]]) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests by outcome.", (*_POOL, "model", "code"))
        self._request_seconds = self._histogram("request_seconds", "From a request's arrival to its end.")
        self._queue_seconds = self._histogram("queue_seconds", "Waits for a slot.")
        self._first_token_seconds = self._histogram(
            "first_token_seconds", "From a request's arrival to its first content."
        )
        self._attempts = self._counter("attempts", "Tries at instances by outcome.", (*_POOL, "outcome"))
        self._ejections = self._counter("ejections", "Instances skipped by reason.", (*_POOL, "reason"))
        self.registry.register(_Gauges(pools))

    def request_ended(
        self,
        pool_key: str,
        model: str,
        code: str,
        *,
        total: float,
        queued: float,
        first_content: float | None,
    ) -> None:
        namespace, name = _split(pool_key)
        self._requests.labels(namespace, name, model, code).inc()
        self._request_seconds.labels(namespace, name).observe(total)
        self._queue_seconds.labels(namespace, name).observe(queued)
        if first_content is not None:
            self._first_token_seconds.labels(namespace, name).observe(first_content)

    def attempt_ended(self, pool: Pool, outcome: str) -> None:
        self._attempts.labels(*_split(pool.key), outcome).inc()

    def ejected(self, pool_key: str, reason: str) -> None:
        self._ejections.labels(*_split(pool_key), reason).inc()

    def watch(self, ages_seconds: Callable[[], Mapping[str, float]]) -> None:
        """Show for each watched resource for how long nothing was heard of it."""
        self.registry.register(_Staleness(ages_seconds))

    def _counter(self, name: str, help_text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"bridge_router_{name}", help_text, labels, registry=self.registry)

    def _histogram(self, name: str, help_text: str) -> Histogram:
        return Histogram(f"bridge_router_{name}", help_text, _POOL, buckets=_SECONDS, registry=self.registry)


class _Gauges(Collector):
    def __init__(self, pools: Callable[[], Iterable[Pool]]) -> None:
        self._pools = pools

    def collect(self) -> Iterator[Metric]:
        in_flight = _gauge("in_flight", "Requests that an instance is answering.", _POOL)
        pending = _gauge("pending", "Requests that wait for a slot.", _POOL)
        slots = _gauge("slots", "Slots by state, as the instances say.", (*_POOL, "state"))
        for pool in self._pools():
            where = _split(pool.key)
            in_flight.add_metric(where, pool.in_flight)
            pending.add_metric(where, len(pool.waiting))
            for state in SlotState:
                heard = [e.current for e in pool.endpoints.values() if e.current is not None]
                slots.add_metric((*where, state.value), sum(status.count(state) for status in heard))
        yield from (in_flight, pending, slots)


class _Staleness(Collector):
    def __init__(self, ages_seconds: Callable[[], Mapping[str, float]]) -> None:
        self._ages_seconds = ages_seconds

    def collect(self) -> Iterator[Metric]:
        told = "Seconds since the Kubernetes API was last heard of a resource: above 120 it is not heard."
        staleness = _gauge("watch_staleness_seconds", told, ("resource",))
        for resource, age in self._ages_seconds().items():
            staleness.add_metric((resource,), age)
        yield staleness


def _gauge(name: str, help_text: str, labels: tuple[str, ...]) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"bridge_router_{name}", help_text, labels=labels)


def _split(pool_key: str) -> tuple[str, str]:
    namespace, _, name = pool_key.partition("/")
    return namespace, name
