"""Whether it is certain which pods a ReplicaSet deletes: the order is that of its controller in Kubernetes 1.36."""

import dataclasses

import pytest

from bridge_operator.plan.replica_set import ReplicaPod, first_to_go, still_unmade


def pod(name: str, **differences: object) -> ReplicaPod:
    running = ReplicaPod(name, "Running", assigned=True, ready=True)
    return dataclasses.replace(running, **differences)  # type: ignore[arg-type]


def cheap(name: str) -> ReplicaPod:
    return pod(name, deletion_cost=-1000)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(pod("v", assigned=False, phase="Pending"), pod("w", phase="Pending"), id="no-node"),
        pytest.param(
            pod("v", phase="Pending", ready=False), pod("w", phase="Unknown", ready=False), id="pending"
        ),
        pytest.param(pod("v", phase="Unknown", ready=False), pod("w", ready=False), id="unknown"),
        pytest.param(pod("v", ready=False, deletion_cost=1000), cheap("w"), id="not-ready-whatever-it-costs"),
        pytest.param(cheap("v"), pod("w"), id="the-lower-cost"),
        pytest.param(pod("v"), pod("w", deletion_cost=1), id="no-cost-is-zero"),
    ],
)
def test_the_first_of_two_goes_first(first: ReplicaPod, second: ReplicaPod) -> None:
    assert first_to_go([second, first], {first.name}, replicas=2).certain
    assert first_to_go([second, first], {second.name}, replicas=2).reason == "AnotherFirst"


@pytest.mark.parametrize(
    ("pods", "victims", "replicas", "expected"),
    [
        pytest.param([cheap("v"), pod("a"), pod("b")], {"v"}, 3, "Certain", id="one-that-is-marked"),
        pytest.param([cheap("v"), cheap("w"), pod("a")], {"v", "w"}, 3, "Certain", id="two-that-are-marked"),
        pytest.param(
            [cheap("v"), cheap("w"), pod("a")], {"v"}, 3, "Ambiguous", id="one-of-two-that-are-marked"
        ),
        pytest.param([pod("v"), pod("a")], {"v"}, 2, "Ambiguous", id="none-is-marked"),
        pytest.param([pod("v"), pod("a")], {"v", "a"}, 2, "Certain", id="all-go"),
        pytest.param([pod("v")], {"v"}, 1, "Certain", id="the-only-one"),
        pytest.param(
            [cheap("v"), pod("a", ready=False)],
            {"v"},
            2,
            "AnotherFirst",
            id="one-that-is-not-ready-is-in-the-way",
        ),
        pytest.param(
            [cheap("v"), pod("a", ready=False, terminating=True), pod("b", phase="Failed")],
            {"v"},
            1,
            "Certain",
            id="those-that-are-ending-do-not-count",
        ),
        pytest.param(
            [cheap("v"), pod("a")], {"v"}, 3, "NotSettled", id="one-would-not-be-missed-but-never-be-made"
        ),
        pytest.param([cheap("v"), pod("a"), pod("b")], {"v"}, 2, "NotSettled", id="one-is-going-already"),
        pytest.param([pod("a")], {"v"}, 1, "AlreadyGone", id="it-is-gone"),
        pytest.param([pod("v", terminating=True), pod("a")], {"v"}, 1, "AlreadyGone", id="or-ending"),
    ],
)
def test_the_victims_are_certain_only_where_the_order_leaves_no_choice(
    pods: list[ReplicaPod], victims: set[str], replicas: int, expected: str
) -> None:
    certainty = first_to_go(pods, victims, replicas)

    assert (certainty.certain, certainty.reason) == (expected == "Certain", expected)
    assert certainty.message


@pytest.mark.parametrize(
    ("there", "unmade", "expected"),
    [
        pytest.param([pod("a"), pod("b")], 1, "Certain", id="it-is-still-unmade"),
        pytest.param([pod("a"), pod("b"), pod("c", phase="Pending")], 1, "MadeMeanwhile", id="it-was-made"),
        pytest.param([pod("a"), pod("b"), pod("c", terminating=True)], 1, "Certain", id="one-is-going"),
        pytest.param([pod("a"), pod("b")], 2, "MadeMeanwhile", id="one-of-two-was-made"),
    ],
)
def test_an_instance_made_meanwhile_is_not_taken_for_one_that_is_still_to_be_made(
    there: list[ReplicaPod], unmade: int, expected: str
) -> None:
    assert still_unmade(there, unmade, replicas=3).reason == expected
