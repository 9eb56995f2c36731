"""What the reporter remembers between two looks: each sentence once for each instance, each happening for its own pool."""

from types import SimpleNamespace
from typing import Any, cast

from structlog.testing import capture_logs

from bridge_operator.cluster.instances import Instances
from bridge_operator.cluster.metrics import Metrics
from bridge_operator.cluster.recorder import Recorder
from bridge_operator.cluster.reporter import Reporter
from bridge_operator.cluster.writer import Writer
from bridge_operator.events.happening import busy_instance_killed
from bridge_operator.plan import Action, Verb
from bridge_runtime.kube import Key

POOL = Key("team", "demo")
KILLED = busy_instance_killed("a", 1, "Deleted")


def reporter(pools: dict[Key, Any]) -> Reporter:
    return Reporter(
        writer=cast("Writer", SimpleNamespace(store=SimpleNamespace(pools=pools))),
        instances=cast("Instances", SimpleNamespace()),
        metrics=Metrics(),
        recorder=cast("Recorder", SimpleNamespace()),
        wall_clock=lambda: 0.0,
    )


def test_cordons_of_two_instances_that_are_renewed_in_turn_are_logged_once_each():
    reports = reporter({})
    with capture_logs() as logged:
        for instance in ("a", "b", "a", "b"):
            reports.tell(POOL, Action(Verb.CORDON, str(POOL), "StillBusy", "it chats", instance))
        reports.tell(POOL, Action(Verb.UNCORDON, str(POOL), "WantedAgain", "it is wanted", "a"))
    assert [(one["event"], one["instance"]) for one in logged] == [
        ("cordoning an instance", "a"),
        ("cordoning an instance", "b"),
        ("taking an instance back", "a"),
    ]


def test_what_happened_to_an_earlier_pool_of_the_name_is_not_told_of_the_next_one():
    pools: dict[Key, Any] = {}
    reports = reporter(pools)
    reports.happened(POOL, "first", KILLED)
    pools[POOL] = {"metadata": {"uid": "second"}}
    reports.happened(POOL, "first", KILLED)
    assert POOL not in reports._happened

    reports.happened(POOL, "second", KILLED)
    assert reports._happened == {POOL: [KILLED]}
