"""What is counted of a pool is kept no longer than the pool."""

from bridge_operator.cluster.metrics import Metrics
from bridge_runtime.kube import Key


def test_the_counts_of_a_pool_that_is_gone_are_dropped_and_no_others():
    metrics = Metrics()
    for pool in ("demo", "other"):
        metrics.busy_kills.labels("team", pool, "Deleted").inc()
        metrics.scale_decisions.labels("team", pool, "SlotsWanted").inc()
    metrics.forget(Key("team", "demo"))
    left = {
        sample.labels["pool"]
        for family in metrics.registry.collect()
        for sample in family.samples
        if "pool" in sample.labels
    }
    assert left == {"other"}
