"""Busy pods that end are counted once, at the step at which it is known, in the order in which a kubelet tells."""

import itertools
from typing import Any

import pytest

from bridge_operator.cluster.heard import Heard
from bridge_operator.cluster.kills import Kills
from bridge_operator.cluster.metrics import Metrics
from bridge_operator.events.happening import Happening
from bridge_runtime.kube import Change, Key
from tests.unit.operator.cluster.objects import UID, make_pod

POOL = Key("team", "demo")
BUSY = Heard(ready=True, slots=1, busy_slots=1)
END = {"exitCode": 137, "reason": "OOMKilled", "containerID": "c://1"}

RUNNING: dict[str, Any] = {"state": {"running": {}}}
ENDED = {"state": {"terminated": END}}
WAITING = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": END}}
AGAIN = {"state": {"running": {}}, "lastState": {"terminated": END}}


class Said:
    """What the pods have said; it stays as it was, because a process that was killed says nothing more."""

    def heard(self, uid: str) -> Heard | None:
        del uid
        return BUSY


def pod_with(container: dict[str, Any]) -> dict[str, Any]:
    pod = make_pod("a")
    pod["status"]["containerStatuses"] = [container]
    return pod


@pytest.mark.parametrize(
    "states",
    [
        pytest.param([RUNNING, ENDED, AGAIN], id="a first end, as a kubelet tells it"),
        pytest.param([RUNNING, ENDED, WAITING, AGAIN], id="with a pause before it runs again"),
        pytest.param([RUNNING, WAITING, AGAIN], id="the watch has skipped the end"),
        pytest.param([RUNNING, AGAIN], id="the watch has skipped everything in between"),
    ],
)
def test_a_busy_pod_whose_process_was_killed_is_counted_once(states: list[dict[str, Any]]):
    metrics, told = Metrics(), list[Happening]()

    def tell(key: Key, uid: str, happening: Happening) -> None:
        assert (key, uid) == (POOL, UID)
        told.append(happening)

    kills = Kills(Said(), set(), metrics, tell)
    for before, after in itertools.pairwise(states):
        kills.note(POOL, Change(Key("team", "a"), pod_with(before), pod_with(after)))
    assert (
        metrics.registry.get_sample_value(
            "bridge_operator_busy_kills_total", {"namespace": "team", "pool": "demo", "cause": "OOMKilled"}
        )
        == len(told)
        == 1
    )
