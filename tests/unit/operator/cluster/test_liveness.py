"""Whether the operator is of use."""

import pytest

from bridge_operator.cluster.liveness import BLIND_SECONDS, STUCK_SECONDS, alive

FRESH = (("pods", 30.0), ("deployments", 70.0))


@pytest.mark.parametrize(
    ("ages", "oldest", "started", "expected"),
    [
        pytest.param(FRESH, 0.0, True, True, id="fresh watches"),
        pytest.param((*FRESH, ("pods", BLIND_SECONDS + 1)), 0.0, True, False, id="one watch is blind"),
        pytest.param((("pods", float("inf")),), 0.0, False, True, id="nothing has been listed yet"),
        pytest.param(FRESH, STUCK_SECONDS + 1, True, False, id="a change that nobody looks at"),
        pytest.param(FRESH, STUCK_SECONDS - 1, True, True, id="a change that waits its turn"),
    ],
)
def test_it_lives_while_it_hears_and_looks(ages, oldest, started, expected):
    verdict, why = alive(ages, oldest, started=started)
    assert verdict is expected
    assert why
