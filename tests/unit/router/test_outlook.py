"""When waiting makes no sense: every slot says so, for a reason that time does not mend."""

import pytest
from tests.unit.router.worlds import make_pool, make_status

from bridge_api.errors import ErrorKind
from bridge_api.wire.instance import InstanceStatus, SlotState, SlotStatus
from bridge_router.core.pool import Pool
from bridge_router.core.waiting import Ticket


def broken(*reasons: str) -> InstanceStatus:
    slots = [
        SlotStatus(slot=number, state=SlotState.BROKEN, reason=reason, message=f"{reason}: do this.")
        for number, reason in enumerate(reasons)
    ]
    return make_status().model_copy(update={"slots": slots})


def outcome(pool: Pool) -> list[object]:
    return [settled for _, settled in pool.enter(Ticket("m"), 0.0)]


def test_a_browser_that_cannot_start_is_told_at_once_with_its_reason() -> None:
    pool = make_pool()
    pool.see("a", broken("SandboxUnavailable", "SandboxUnavailable"), 0.0, first=True)

    (denial,) = outcome(pool)

    assert getattr(denial, "kind", None) is ErrorKind.NO_INSTANCE
    assert "SandboxUnavailable: do this." in getattr(denial, "message", "")


@pytest.mark.parametrize("reasons", [("SiteUnreachable",), ("SandboxUnavailable", "ControlMissing")])
def test_what_may_mend_itself_is_waited_for(reasons: tuple[str, ...]) -> None:
    pool = make_pool()
    pool.see("a", broken(*reasons), 0.0, first=True)

    assert outcome(pool) == []


def test_another_instance_that_may_still_come_is_waited_for() -> None:
    pool = make_pool(instances=("a", "b"))
    pool.see("a", broken("BrowserMissing"), 0.0, first=True)

    assert outcome(pool) == []
