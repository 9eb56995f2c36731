"""What holds for every course of decisions, whatever the load does and whoever tells it."""

from hypothesis import given
from hypothesis import strategies as st

from bridge_operator.autoscaler import Load
from tests.unit.operator.autoscaler.courses import Course, make_spec

loads = st.none() | st.builds(
    Load,
    busy=st.integers(0, 60),
    pending=st.integers(0, 60),
    idle_seconds=st.floats(0, 1000),
    complete=st.booleans(),
    first_token_p90_seconds=st.none() | st.floats(0, 100),
)


@given(st.lists(st.tuples(st.floats(0.1, 90), loads), max_size=30), st.integers(2, 9))
def test_the_number_stays_within_its_bounds_and_falls_one_by_one(
    events: list[tuple[float, Load | None]], start: int
) -> None:
    course = Course(
        make_spec(slots=2, minInstances=2, maxInstances=9, responseTime={"p90Seconds": 20}), start
    )
    for seconds, load in events:
        before = course.current

        after = course.at(course.now + seconds, load).value

        assert 2 <= after <= 9
        assert after >= before - 1
        if load is None:
            assert after == before
        elif not load.complete:
            assert after >= before


@given(st.lists(st.tuples(st.floats(0.1, 30), loads), min_size=1, max_size=30))
def test_no_instance_goes_within_one_window_of_a_load_that_needs_it(
    events: list[tuple[float, Load | None]],
) -> None:
    course = Course(make_spec(slots=2, stableWindowSeconds=60), 5)
    needed: list[tuple[float, int]] = []
    for seconds, load in events:
        now = course.now + seconds
        before = course.current
        decision = course.at(now, load)
        if decision.value < before:
            assert all(wish < before for at, wish in needed if at > now - 60)
        needed.append((now, decision.wish.value))
