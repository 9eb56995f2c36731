"""The busy label: set at once, taken away after a while of idleness."""

import dataclasses

import pytest

from bridge_api.names import SAFE_TO_EVICT
from bridge_operator.cluster.busy_label import BUSY, BUSY_AND_EVICTABLE, IDLE, IDLE_SECONDS, wanted_mark
from bridge_operator.cluster.heard import Heard
from bridge_operator.cluster.observe import ObservedPod
from tests.unit.operator.cluster.objects import NOW, look, make_deployment, make_pod

CHATS = Heard(ready=True, slots=2, busy_slots=1)


def idle_for(seconds: float) -> Heard:
    return Heard(ready=True, slots=2, idle_since=NOW.now - seconds)


def a_pod(heard: Heard | None, *, labelled: bool, terminating: bool = False) -> ObservedPod:
    made = make_pod("a", terminating=terminating)
    made["metadata"]["annotations"][SAFE_TO_EVICT] = "false" if labelled else "true"
    (pod,) = look([make_deployment()], [made]).pods
    return dataclasses.replace(pod, heard=heard, labelled_busy=labelled)


@pytest.mark.parametrize(
    ("heard", "labelled", "mark", "again"),
    [
        pytest.param(CHATS, False, BUSY, None, id="a chat begins"),
        pytest.param(CHATS, True, None, None, id="it goes on"),
        pytest.param(idle_for(1), True, None, IDLE_SECONDS - 1, id="a moment between two chats"),
        pytest.param(idle_for(IDLE_SECONDS), True, IDLE, None, id="idle for long enough"),
        pytest.param(idle_for(1), False, None, None, id="idle and known to be"),
        pytest.param(idle_for(99).lost(), True, None, None, id="not heard from: it may have begun one"),
        pytest.param(None, False, None, None, id="never heard from"),
    ],
)
def test_the_label_follows_the_chats(heard, labelled, mark, again):
    assert wanted_mark(a_pod(heard, labelled=labelled), NOW.now, protect=True) == (mark, again)


@pytest.mark.parametrize("labelled", [False, True])
def test_where_nodes_may_evict_busy_pods_none_says_that_it_must_not_be(labelled):
    pod = a_pod(CHATS, labelled=labelled)
    assert wanted_mark(pod, NOW.now, protect=False) == (BUSY_AND_EVICTABLE, None)


def test_a_pod_on_its_way_out_is_left_alone():
    pod = a_pod(CHATS, labelled=False, terminating=True)
    assert wanted_mark(pod, NOW.now, protect=True) == (None, None)
