"""What a browser pod counts (Prometheus names of the contract)."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bridge_api.wire.instance import SlotState

CHUNK_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


@dataclass(frozen=True, slots=True)
class Metrics:
    registry: CollectorRegistry
    chunk_seconds: Histogram
    crashes: Counter
    recycles: Counter
    challenges: Counter
    affinity: Counter


def make_metrics(slot_states: Callable[[], Iterable[SlotState]]) -> Metrics:
    """Make the metrics of one instance; the slots' states are asked for when they are read."""
    registry = CollectorRegistry()
    registry.register(_SlotStates(slot_states))
    return Metrics(
        registry,
        Histogram(
            "bridge_browser_chunk_seconds",
            "From a piece's arrival from the site to its writing to the client.",
            buckets=CHUNK_BUCKETS,
            registry=registry,
        ),
        Counter(
            "bridge_browser_crashes_total",
            "Pages, browsers, drivers and the browser's helpers that died; `hang`: those that had to be killed.",
            ["kind"],
            registry=registry,
        ),
        Counter(
            "bridge_browser_recycles_total",
            "What was made anew (page, context, browser, driver, instance), and why.",
            ["scope", "reason"],
            registry=registry,
        ),
        Counter(
            "bridge_browser_challenges_total",
            "Times that a slot came to need a person.",
            ["kind"],
            registry=registry,
        ),
        Counter(
            "bridge_browser_affinity_total",
            "Answers by what became of the history: hit, miss or none.",
            ["affinity"],
            registry=registry,
        ),
    )


class _SlotStates(Collector):
    """Counts slots by their state at the moment of reading."""

    def __init__(self, slot_states: Callable[[], Iterable[SlotState]]) -> None:
        self._slot_states = slot_states

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily("bridge_browser_slots", "Slots by state.", labels=["state"])
        tally = Tally(self._slot_states())
        for state in SlotState:
            family.add_metric([state.value], tally[state])
        yield family
