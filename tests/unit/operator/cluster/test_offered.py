"""What a pool offers: the union of its instances' lists, whoever spoke last."""

from bridge_operator.cluster.offered import Offered
from bridge_runtime.kube import Key

POOL = Key("team", "demo")


def test_two_lists_become_one_that_does_not_change_with_who_speaks():
    offered = Offered()
    assert offered.change(POOL, (), ("b", "a"))
    assert offered.change(POOL, (), ("c",))
    assert not offered.change(POOL, ("b", "a"), ("b", "a"))
    assert not offered.change(POOL, (), ("c",))
    assert offered.of(POOL) == ("a", "b", "c")


def test_what_only_one_that_has_gone_offered_is_offered_no_more():
    offered = Offered()
    offered.change(POOL, (), ("a",))
    offered.change(POOL, (), ("b",))
    assert offered.change(POOL, ("a",), ())
    assert offered.of(POOL) == ("b",)
    offered.change(POOL, ("b",), ())
    assert offered == Offered(), "nothing is left of a pool without instances"


def test_pools_offer_nothing_of_each_other():
    offered = Offered()
    offered.change(POOL, (), ("a",))
    assert offered.of(Key("team", "other")) == ()
