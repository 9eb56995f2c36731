"""The wanted numbers of the local pools: fresh ones begin as their spec says, and only news is told."""

from bridge_api.manifest import read_manifest
from bridge_api.pool import BridgeInstancePool
from bridge_operator.autoscaler import Load
from bridge_operator.local.scaling import Scaling

KEY = "default/demo"


def pool(autoscaling: str = "{minInstances: 1, initialInstances: 2}", extra: str = "") -> BridgeInstancePool:
    text = f"""\
metadata: {{name: demo}}
spec:
  site: {{adapter: arena, url: "http://127.0.0.1:1"}}
  slots: 2
  autoscaling: {autoscaling}
{extra}"""
    (made,) = read_manifest(text).pools
    return made


def test_a_fresh_pool_begins_with_its_initial_number() -> None:
    scaling = Scaling()

    scaling.settle([pool()], lambda _: None, now=0.0)

    assert scaling.desired(KEY) == 2


def test_load_moves_the_number_and_is_told_once() -> None:
    scaling = Scaling()
    scaling.settle([pool()], lambda _: Load(), now=0.0)

    first = scaling.settle([pool()], lambda _: Load(busy=4), now=1.0)
    second = scaling.settle([pool()], lambda _: Load(busy=4), now=2.0)

    assert (first[KEY].value, first[KEY].reason) == (3, "HighUtilization")
    assert [decision.reason for decision in second.values()] == ["DesiredWithinRange"]
    assert scaling.settle([pool()], lambda _: Load(busy=4), now=3.0) == {}
    assert scaling.desired(KEY) == 3


def test_an_edit_keeps_the_number_that_load_has_found() -> None:
    scaling = Scaling()
    scaling.settle([pool()], lambda _: Load(busy=4), now=0.0)

    scaling.settle([pool("{minInstances: 1, maxInstances: 9}")], lambda _: Load(busy=4), now=1.0)

    assert scaling.desired(KEY) == 3


def test_a_pool_that_is_paused_from_the_start_begins_when_it_is_not() -> None:
    scaling = Scaling()
    scaling.settle([pool(extra="  paused: true\n")], lambda _: Load(pending=9), now=0.0)
    assert scaling.desired(KEY) == 0

    scaling.settle([pool()], lambda _: None, now=1.0)

    assert scaling.desired(KEY) == 2


def test_a_pool_that_is_gone_is_forgotten() -> None:
    scaling = Scaling()
    scaling.settle([pool()], lambda _: Load(busy=4), now=0.0)
    scaling.settle([], lambda _: None, now=1.0)

    scaling.settle([pool()], lambda _: None, now=2.0)

    assert scaling.desired(KEY) == 2
