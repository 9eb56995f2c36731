"""How long a chat may be silent, and how long it may take."""

from bridge_api.errors import ErrorKind
from bridge_api.spec import TimeoutsSpec
from bridge_browser.deadlines import Deadlines
from bridge_browser.recovery import BackOff, Patience

TIMEOUTS = TimeoutsSpec(first_token_seconds=10, idle_seconds=5, total_seconds=30)


def test_silence_before_the_first_content_has_its_own_deadline() -> None:
    deadlines = Deadlines(TIMEOUTS, now=100)

    assert deadlines.remaining(104) == 6
    assert deadlines.passed(110).kind is ErrorKind.FIRST_TOKEN_TIMEOUT


def test_a_heartbeat_counts_as_life_and_not_as_content() -> None:
    deadlines = Deadlines(TIMEOUTS, now=100)

    deadlines.note_life(108, content=False)

    assert deadlines.remaining(108) == 10
    assert deadlines.passed(118).kind is ErrorKind.FIRST_TOKEN_TIMEOUT


def test_after_content_the_idle_deadline_holds_for_heartbeats_too() -> None:
    deadlines = Deadlines(TIMEOUTS, now=100)

    deadlines.note_life(101, content=True)
    deadlines.note_life(103, content=False)

    assert deadlines.remaining(103) == 5
    assert deadlines.passed(108).kind is ErrorKind.IDLE_TIMEOUT


def test_no_life_goes_beyond_the_total() -> None:
    deadlines = Deadlines(TIMEOUTS, now=100)

    deadlines.note_life(128, content=True)

    assert deadlines.remaining(128) == 2
    assert deadlines.passed(130).kind is ErrorKind.TOTAL_TIMEOUT
    assert deadlines.remaining(131) == 0


def whole() -> float:
    """Take the whole of each wait."""
    return 1.0


def test_half_of_each_wait_is_chance() -> None:
    assert BackOff(2.0, 60.0, lambda: 0.0).next_delay() == 1.0
    assert BackOff(2.0, 60.0, lambda: 0.5).next_delay() == 1.5


def test_waits_double_up_to_the_longest_and_begin_anew_after_a_success() -> None:
    back_off = BackOff(1.0, 5.0, whole)

    assert [back_off.next_delay() for _ in range(5)] == [1, 2, 4, 5, 5]
    back_off.reset()
    assert back_off.next_delay() == 1


def test_a_page_that_waits_for_a_person_is_loaded_anew_no_more_often_than_it_is_looked_at() -> None:
    patience = Patience(10, whole)

    assert [patience.reload.next_delay() for _ in range(4)] == [10, 20, 40, 60]
    patience.reset()
    assert patience.reload.next_delay() == 10
    assert Patience(3600, whole).reload.next_delay() == 60
