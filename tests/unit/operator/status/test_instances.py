"""What is wrong with an instance is read from what its slots say."""

import pytest

from bridge_api.wire.instance import InstanceStatus, SlotState, SlotStatus
from bridge_operator.status.instances import instance_troubles


def instance(*slots: tuple[SlotState, str], draining: bool = False) -> InstanceStatus:
    return InstanceStatus(
        instance="demo-a-1",
        pool="default/demo",
        boot="b",
        version=1,
        draining=draining,
        slots=[
            SlotStatus(slot=number, state=state, reason=reason, message=f"{reason} it is")
            for number, (state, reason) in enumerate(slots)
        ],
    )


@pytest.mark.parametrize(
    ("state", "reason", "needs_human"),
    [
        (SlotState.BROKEN, "SandboxUnavailable", False),
        (SlotState.BROKEN, "BrowserMissing", False),
        (SlotState.BROKEN, "SecretMissing", False),
        (SlotState.BROKEN, "SiteUnreachable", False),
        (SlotState.NEEDS_HUMAN, "LoginRequired", True),
        (SlotState.RATE_LIMITED, "RateLimited", False),
    ],
)
def test_what_lasts_is_told_though_another_slot_is_ready(
    state: SlotState, reason: str, needs_human: bool
) -> None:
    (trouble,) = instance_troubles(instance((SlotState.READY, ""), (state, reason)))

    assert trouble == (reason, f"{reason} it is", "demo-a-1", needs_human)


def test_a_page_that_heals_is_told_only_where_nothing_else_serves() -> None:
    heals = (SlotState.BROKEN, "PageLost")

    assert instance_troubles(instance((SlotState.BUSY, ""), heals)) == []
    assert [one.reason for one in instance_troubles(instance(heals))] == ["PageLost"]


def test_a_reason_is_told_once_for_an_instance() -> None:
    limited = (SlotState.RATE_LIMITED, "RateLimited")

    assert len(instance_troubles(instance(limited, limited, limited))) == 1


def test_an_instance_that_starts_works_or_goes_has_no_trouble() -> None:
    assert instance_troubles(instance((SlotState.STARTING, ""))) == []
    assert instance_troubles(instance((SlotState.READY, ""), (SlotState.RECYCLING, "MaxAge"))) == []
    assert instance_troubles(instance((SlotState.BROKEN, "SiteUnreachable"), draining=True)) == []
