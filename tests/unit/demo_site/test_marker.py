"""A marker shapes the answer of the message that carries it, and is not part of the message."""

import pytest

from bridge_demo_site.answer.marker import BadMarker, Marker, read_marker
from bridge_demo_site.state.faults import FaultName


def test_a_message_without_a_marker_is_taken_as_it_is():
    assert read_marker("Hello [[world]]") == (Marker(), "Hello [[world]]")


def test_a_marker_sets_what_it_names():
    marker, said = read_marker("[[demo tokens=40 pace_ms=5 fault=stall after=3 reasoning=5]] Hello")

    assert said == "Hello"
    assert (marker.tokens, marker.pace_ms, marker.after, marker.reasoning) == (40, 5, 3, 5)
    assert marker.fault is FaultName.STALL


def test_quotes_allow_spaces_in_a_prefix():
    marker, _ = read_marker('[[demo prefix="Well, " usage=no]] Hello')

    assert (marker.prefix, marker.usage) == ("Well, ", False)


def test_of_several_markers_the_last_counts_and_none_is_quoted():
    marker, said = read_marker("User: [[demo fault=cut]] one\n\nUser: [[demo]] two")

    assert marker == Marker()
    assert said == "User: one\n\nUser: two"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("[[demo tokens=many]] x", "tokens"),
        ("[[demo token=4]] x", "token"),
        ("[[demo fault=nothing]] x", "fault"),
        ("[[demo tokens]] x", "name=value"),
        ('[[demo prefix="open]] x', "name=value"),
    ],
)
def test_a_mistake_in_a_marker_is_named(content: str, what: str):
    with pytest.raises(BadMarker, match=what):
        read_marker(content)
