"""What is kept of what an instance says."""

from bridge_api.wire.instance import Cordon, InstanceStatus, SlotState, SlotStatus
from bridge_operator.cluster.heard import Heard, take

EPOCH = 7


def said(
    *states: SlotState, version: int = 1, boot: str = "b", cordons: tuple[Cordon, ...] = ()
) -> InstanceStatus:
    slots = [SlotStatus(slot=number, state=state) for number, state in enumerate(states)]
    return InstanceStatus(
        instance="a",
        pool="team/demo",
        boot=boot,
        version=version,
        slots=slots,
        cordons=list(cordons),
        started=True,
    )


def hear(status: InstanceStatus, before: Heard | None = None, now: float = 100.0) -> Heard:
    return take(status, before, epoch=EPOCH, now=now)


def test_an_older_status_of_the_same_process_changes_nothing():
    newer = hear(said(SlotState.BUSY, version=5))
    assert hear(said(SlotState.READY, version=4), newer) is newer


def test_a_new_process_begins_anew_whatever_its_version():
    newer = hear(said(SlotState.BUSY, version=5))
    assert hear(said(SlotState.READY, version=1, boot="c"), newer).busy_slots == 0


def test_idleness_is_counted_from_the_last_chat():
    idle = hear(said(SlotState.READY, SlotState.READY), now=100.0)
    still = hear(said(SlotState.READY, SlotState.STARTING, version=2), idle, now=150.0)
    busy = hear(said(SlotState.BUSY, SlotState.READY, version=3), still, now=160.0)
    over = hear(said(SlotState.READY, SlotState.READY, version=4), busy, now=170.0)
    assert [one.idle_since for one in (idle, still, busy, over)] == [100.0, 100.0, None, 170.0]


def test_only_a_cordon_of_our_own_term_is_ours():
    ours = Cordon(owner="operator", epoch=EPOCH, ttl_seconds=20)
    earlier = Cordon(owner="operator", epoch=EPOCH - 1, ttl_seconds=20)
    person = Cordon(owner="alice", epoch=0, ttl_seconds=20)
    assert hear(said(SlotState.READY, cordons=(person, ours))).cordon_until == 120.0
    assert hear(said(SlotState.READY, cordons=(earlier,))).cordon_until is None
    assert hear(said(SlotState.READY, cordons=(person,))).cordon_until is None
    assert [hear(said(SlotState.READY, cordons=(one,))).left_cordoned for one in (ours, earlier, person)] == [
        False,
        True,
        False,
    ]


def test_one_chat_more_is_no_news_but_the_first_and_the_last_one_are():
    idle = hear(said(SlotState.READY, SlotState.READY))
    one = hear(said(SlotState.BUSY, SlotState.READY, version=2), idle)
    two = hear(said(SlotState.BUSY, SlotState.BUSY, version=3), one)
    assert one.is_news(idle)
    assert not two.is_news(one)
    assert idle.is_news(None)


def test_each_chat_that_ends_is_news_while_the_instance_is_on_its_way_out():
    ours = (Cordon(owner="operator", epoch=EPOCH, ttl_seconds=20),)
    two = hear(said(SlotState.BUSY, SlotState.BUSY, cordons=ours))
    one = hear(said(SlotState.BUSY, SlotState.READY, version=2, cordons=ours), two)
    assert one.is_news(two)


def test_silence_is_news_and_serves_nobody():
    idle = hear(said(SlotState.READY))
    lost = idle.lost()
    assert lost.is_news(idle)
    assert not lost.ready


def test_with_its_process_an_instance_loses_its_chats_and_its_cordon():
    busy = Heard(ready=True, slots=2, busy_slots=2, cordon_until=40.0)
    died = busy.died(now=20.0)
    assert (died.busy_slots, died.idle_since, died.cordon_until) == (0, 20.0, None)
    assert not died.connected
