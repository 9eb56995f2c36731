"""What the demo site counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """Counters of one running site."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.answers = Counter(
            "bridge_demo_site_answers_total", "Answers by how they ended", ["outcome"], registry=self.registry
        )
        self.open_answers = Gauge(
            "bridge_demo_site_open_answers", "Answers being written", registry=self.registry
        )
