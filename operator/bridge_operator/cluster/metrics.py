"""Metrics of the cluster operator: counted where it happens, or when somebody reads them."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bridge_runtime.kube import Informer, Key

PREFIX = "bridge_operator"
POOL = ("namespace", "pool")
RECONCILE_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.reconcile_seconds = Histogram(
            f"{PREFIX}_reconcile_seconds",
            "One look at one pool.",
            registry=self.registry,
            buckets=RECONCILE_BUCKETS,
        )
        self.scale_decisions = self._counter(
            "scale_decisions", "Changes of the wanted number of instances, by their cause.", *POOL, "reason"
        )
        self.api_requests = self._counter(
            "api_requests", "Answers of the Kubernetes API; code 0 is none.", "verb", "code"
        )
        self.busy_kills = self._counter(
            "busy_kills", "Pods that were told to end, or died, while they chatted.", *POOL, "cause"
        )

    def count_request(self, verb: str, status: int) -> None:
        self.api_requests.labels(verb, str(status)).inc()

    def forget(self, pool: Key) -> None:
        """Count a pool that is gone no longer: pools come and go, and each label set is kept."""
        for counter in (self.scale_decisions, self.busy_kills):
            counter.remove_by_labels({"namespace": pool.namespace, "pool": pool.name})

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", help_text, labels, registry=self.registry)


class Gauges(Collector):
    """Read when somebody asks, so that they cannot go stale."""

    def __init__(
        self,
        informers: Iterable[Informer],
        counts: Callable[[], Iterable[tuple[Key, int, int]]],
        oldest_key_seconds: Callable[[], float],
        leads: Callable[[], bool],
    ) -> None:
        """`counts` gives wanted and ready instances by pool."""
        self._informers = informers
        self._counts = counts
        self._oldest_key_seconds = oldest_key_seconds
        self._leads = leads

    def collect(self) -> Iterator[Metric]:
        desired = GaugeMetricFamily(f"{PREFIX}_desired_instances", "Instances wanted.", labels=POOL)
        ready = GaugeMetricFamily(f"{PREFIX}_ready_instances", "Instances that can answer.", labels=POOL)
        for key, wanted, can_answer in self._counts():
            desired.add_metric(key, wanted)
            ready.add_metric(key, can_answer)
        staleness = GaugeMetricFamily(
            f"{PREFIX}_watch_staleness_seconds",
            "Since the API server was last heard from, by what is watched.",
            labels=["resource", "namespace"],
        )
        for informer in self._informers:
            staleness.add_metric([informer.resource.plural, informer.namespace], informer.age_seconds())
        oldest = self._oldest_key_seconds()
        yield from (
            desired,
            ready,
            staleness,
            GaugeMetricFamily(
                f"{PREFIX}_oldest_dirty_key_seconds", "How long the oldest change has waited.", value=oldest
            ),
            GaugeMetricFamily(
                f"{PREFIX}_leading", "Whether this operator is the one that acts.", value=float(self._leads())
            ),
        )
