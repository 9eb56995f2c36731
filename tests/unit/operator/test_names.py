"""Names of instances."""

import random

from bridge_operator.local.names import SUFFIX_LETTERS, instance_name


def rng() -> random.Random:
    return random.Random(1)  # noqa: S311 - names need to differ, not to be secret


def test_a_name_is_the_pools_and_five_letters() -> None:
    pool, _, suffix = instance_name("my-pool", set(), rng()).rpartition("-")

    assert pool == "my-pool"
    assert len(suffix) == 5
    assert set(suffix) <= set(SUFFIX_LETTERS)


def test_a_taken_name_is_not_given_again() -> None:
    first = instance_name("demo", set(), rng())

    assert instance_name("demo", {first}, rng()) != first
