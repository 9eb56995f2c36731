"""What is made of objects once, for as long as they are the same."""

from bridge_operator.cluster.kept import Kept


def test_it_is_made_once_for_the_very_same_objects_and_anew_for_equal_ones():
    kept: Kept[list[int]] = Kept()
    one, equal = [1], [1]
    made = kept.get("key", (one,), lambda: [*one])
    assert kept.get("key", (one,), lambda: [2]) is made
    assert kept.get("key", (equal,), lambda: [2]) == [2]


def test_fewer_objects_are_not_the_same():
    kept: Kept[int] = Kept()
    one, other = [1], [2]
    kept.get("key", (one, other), lambda: 1)
    assert kept.get("key", (one,), lambda: 2) == 2


def test_what_is_forgotten_is_made_anew():
    kept: Kept[int] = Kept()
    one: list[int] = []
    kept.get(("a", 1), (one,), lambda: 1)
    kept.get(("b", 1), (one,), lambda: 1)
    kept.forget(("a", 1))
    assert kept.get(("a", 1), (one,), lambda: 2) == 2
    assert kept.get(("b", 1), (one,), lambda: 2) == 1
