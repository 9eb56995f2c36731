"""What `bridge up` shows while browsers start, and when it stops waiting."""

import pytest

from bridge_api.wire.instance import SlotState, SlotStatus
from bridge_cli.progress import Glimpse, lines, settled, summary
from tests.unit.cli.test_lists import INSTANCE, POOL

STARTED = INSTANCE
STARTING = INSTANCE.model_copy(
    update={"started": False, "ready": False, "slots": [SlotStatus(slot=0, state=SlotState.STARTING)]}
)
UNHEARD = INSTANCE.model_copy(update={"connected": False, "started": False, "ready": False, "slots": []})
DRAINING = INSTANCE.model_copy(update={"draining": True})


@pytest.mark.parametrize(
    ("instances", "expected"),
    [
        pytest.param([STARTED, STARTED], True, id="all-started"),
        pytest.param([STARTED, STARTING], False, id="one-still-starts"),
        pytest.param([STARTED, UNHEARD], False, id="one-not-heard-from"),
        pytest.param([STARTED, DRAINING], False, id="one-that-leaves-does-not-count"),
        pytest.param([], False, id="none"),
    ],
)
def test_the_start_is_over_when_every_pool_has_what_it_wants(instances: list[object], expected: bool) -> None:
    assert settled(Glimpse([POOL], instances), pools_wanted=1) is expected  # type: ignore[arg-type]


def test_a_pool_that_the_router_does_not_know_yet_is_waited_for() -> None:
    assert not settled(Glimpse([POOL], [STARTED, STARTED]), pools_wanted=2)


def test_an_instance_that_waits_for_a_person_is_not_waited_for() -> None:
    waits = INSTANCE.model_copy(update={"ready": False, "slots": INSTANCE.slots[1:]})

    assert settled(Glimpse([POOL], [waits, waits]), pools_wanted=1)
    assert str(lines(Glimpse([POOL], [waits]))[0]) == (
        "demo-x: NotReady, slots: 1 NeedsHuman (Challenge: solve it in a browser)"
    )


def test_the_summary_says_where_everything_is_how_to_ask_and_how_to_stop() -> None:
    text = summary(Glimpse([POOL], [STARTED]), "http://127.0.0.1:5104", "http://127.0.0.1:40009")

    assert "Pool default/demo for http://127.0.0.1:5105: 1 of 2 instances ready, 4 slots" in text
    assert "API      http://127.0.0.1:5104/v1" in text
    assert "curl -N http://127.0.0.1:5104/v1/chat/completions" in text
    assert "http://127.0.0.1:40009/metrics" in text
    assert "Ctrl-C" in text


def test_a_long_list_of_models_is_cut() -> None:
    many = POOL.model_copy(update={"models": [f"m{number}" for number in range(9)]})

    assert "m0, m1, m2, m3, m4 and 4 more (bridge models)" in summary(Glimpse([many], []), "u", "m")
