"""Metrics and probes of a local run."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bridge_operator.local.router_child import RouterChild
from bridge_operator.local.supervisor import Supervisor
from bridge_runtime.probes import Probes, Verdict


class InstanceCounts(Collector):
    """Counted when somebody reads them, so that they cannot go stale."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def collect(self) -> Iterator[Metric]:
        yield from self._counts()
        scaled = CounterMetricFamily(
            "bridge_operator_scale_decisions",
            "Changes of the wanted number of instances, by their cause.",
            labels=["namespace", "pool", "reason"],
        )
        for (pool, reason), count in self._supervisor.scaled.items():
            scaled.add_metric([*pool.split("/", 1), reason], count)
        yield scaled

    def _counts(self) -> Iterator[Metric]:
        labels = ["namespace", "pool"]
        desired = GaugeMetricFamily("bridge_operator_desired_instances", "Instances wanted.", labels=labels)
        ready = GaugeMetricFamily(
            "bridge_operator_ready_instances", "Instances that can answer.", labels=labels
        )
        observed = [instance.observe() for instance in self._supervisor.instances.values()]
        for pool in self._supervisor.wanted.pools:
            values = pool.split("/", 1)
            desired.add_metric(values, self._supervisor.scaling.desired(pool))
            ready.add_metric(values, sum(one.ready for one in observed if one.pool == pool))
        yield from (desired, ready)


def make_metrics(supervisor: Supervisor) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(InstanceCounts(supervisor))
    return registry


def make_probes(router: RouterChild) -> Probes:
    """Answer the probes: the run is up once its router listens."""

    def up() -> Verdict:
        return (
            (True, "the router listens") if router.listening else (False, "the router has not listened yet")
        )

    return Probes(live=lambda: (True, "the loop runs"), ready=up, started=up)
