"""However much happens, few Events are written, and none is forgotten in the count."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bridge_operator.events.budget import BURST, REFILL_SECONDS, REPEAT_SECONDS, Budget, Telling
from bridge_operator.events.event import LONGEST_NOTE, event_name, make_event, make_repeat
from bridge_operator.events.happening import EventType, Happening

POOL: dict[str, Any] = {
    "apiVersion": "lmarenabridge.dev/v1alpha1",
    "kind": "BridgeInstancePool",
    "metadata": {"name": "demo", "namespace": "chats", "uid": "u-1"},
}
NOW = "2026-11-24T10:00:00.000000Z"


def happening(number: int = 0) -> Happening:
    return Happening(EventType.WARNING, "SiteUnreachable", f"number {number}")


def tell_all(happened: list[tuple[Happening, float]]) -> list[Telling]:
    budget, written = Budget(), []
    for one, at in happened:
        telling, budget = budget.tell(one, at)
        if telling is not None:
            written.append(telling)
    return written


def test_what_happens_again_within_ten_minutes_is_counted_up() -> None:
    told = tell_all([(happening(), 0.0), (happening(), 60.0), (happening(), 61.0 + REPEAT_SECONDS)])

    assert [(one.times, one.is_new) for one in told] == [(1, True), (2, False), (1, True)]
    names = [event_name("demo", one, "operator-1") for one in told]
    assert names[0] == names[1] != names[2]


def test_a_storm_is_cut_off_and_the_bucket_fills_again() -> None:
    storm = [(happening(number), 0.0) for number in range(100)]

    assert len(tell_all(storm)) == int(BURST)
    assert len(tell_all([*storm, (happening(200), REFILL_SECONDS)])) == int(BURST) + 1


def test_what_was_not_written_is_in_the_next_count() -> None:
    others = [(happening(number), 0.0) for number in range(1, int(BURST) + 1)]

    told = tell_all([*others, (happening(), 0.0), (happening(), 1.0), (happening(), 2 * REFILL_SECONDS)])

    assert (told[-1].happening, told[-1].times, told[-1].is_new) == (happening(), 3, True)


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 100)), max_size=200))
def test_never_more_is_written_than_the_bucket_holds_and_gets(happened: list[tuple[int, float]]) -> None:
    at, course = 0.0, []
    for number, gap in happened:
        at += gap
        course.append((happening(number), at))

    assert len(tell_all(course)) <= BURST + at / REFILL_SECONDS + 1e-6


def test_an_event_is_about_its_pool_and_short_enough() -> None:
    long = Happening(EventType.WARNING, "ImagePullFailed", "ä" * LONGEST_NOTE)

    (telling,) = tell_all([(long, 0.0)])
    made = make_event(POOL, telling, reporter="operator-1", now=NOW)

    assert made["regarding"]["uid"] == "u-1"
    assert (made["type"], made["reason"]) == ("Warning", "ImagePullFailed")
    assert len(made["note"].encode()) <= LONGEST_NOTE
    assert make_repeat(telling._replace(times=4), now=NOW)["series"]["count"] == 4
