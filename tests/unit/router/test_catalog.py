"""Which pool a request is for."""

from collections.abc import Sequence
from typing import Any

import pytest

from bridge_api.errors import ErrorKind
from bridge_router.core.catalog import choose_pool, listed_models, organization_of
from bridge_router.core.outlook import Denial
from bridge_router.core.pool import Pool
from tests.unit.router.worlds import READY, make_pool, make_status


def pool(name: str, *, shown: Sequence[str] = ("m",), slots: int = 1, **spec: Any) -> Pool:
    made = make_pool(name, **spec)
    made.see("a", make_status(*[READY] * slots, models=shown), 0.0, first=True)
    return made


def chosen(requested: str | None, *pools: Pool) -> str | ErrorKind:
    found = choose_pool(requested, pools)
    return found.kind if isinstance(found, Denial) else found.key


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        ("m", "default/one"),
        ("n", "default/two"),
        ("two/n", "default/two"),
        ("two/both", "default/two"),
        ("nick", "default/one"),
        ("one/nick", "default/one"),
        ("default/one/nick", "default/one"),
        ("elsewhere/one/nick", ErrorKind.MODEL_NOT_FOUND),
        ("one/n", ErrorKind.MODEL_NOT_FOUND),
        ("nobody's", ErrorKind.MODEL_NOT_FOUND),
        ("hidden", ErrorKind.MODEL_NOT_FOUND),
    ],
)
def test_a_model_leads_to_the_pool_that_offers_it(requested: str | None, expected: str | ErrorKind) -> None:
    choice = {"include": ["m", "both"], "aliases": {"nick": "m"}}
    one = pool("one", shown=("m", "both", "hidden"), models=choice)
    two = pool("two", shown=("n", "both"))

    assert chosen(requested, one, two) == expected


def test_a_tie_goes_to_the_most_free_slots() -> None:
    assert chosen("m", pool("one", slots=1), pool("two", slots=3)) == "default/two"


def test_a_pool_without_a_list_is_waited_for() -> None:
    assert chosen("m", pool("one", shown=("x",)), make_pool("two")) == "default/two"


def test_a_pool_with_the_model_comes_before_one_without_a_list() -> None:
    assert chosen("m", make_pool("one"), pool("two")) == "default/two"


def test_a_namespace_tells_pools_of_one_name_apart() -> None:
    team_a, team_b = (
        pool("demo", slots=slots, namespace=f"team-{name}") for name, slots in (("a", 1), ("b", 3))
    )

    assert chosen("team-a/demo/m", team_a, team_b) == "team-a/demo"
    assert chosen("team-b/demo/m", team_a, team_b) == "team-b/demo"
    assert chosen("demo/m", team_a, team_b) == "team-b/demo"
    assert organization_of("team-a/demo/m", [team_a, team_b]) == "acme"


def test_a_named_pool_without_a_list_is_waited_for() -> None:
    assert chosen("default/two/m", make_pool("one"), make_pool("two")) == "default/two"


def test_without_any_pool_there_is_no_instance() -> None:
    assert chosen("m") is ErrorKind.NO_INSTANCE


@pytest.mark.parametrize(
    ("defaults", "expected"),
    [
        ((None, None), ErrorKind.BAD_REQUEST),
        (("m", "m"), ErrorKind.BAD_REQUEST),
        ((None, "m"), "default/two"),
    ],
)
def test_a_request_without_a_model_goes_to_the_one_pool_with_a_default(
    defaults: tuple[str | None, ...], expected: str | ErrorKind
) -> None:
    one, two = (
        make_pool(name, models={"default": default} if default else {})
        for name, default in zip(("one", "two"), defaults, strict=True)
    )

    assert chosen(None, one, two) == expected


def test_each_offered_name_is_listed_once() -> None:
    one, two = pool("one", shown=("m", "n")), pool("two", shown=("n", "o"))

    assert list(listed_models([one, two])) == [("m", "acme"), ("n", "acme"), ("o", "acme")]
    assert organization_of("two/o", [one, two]) == "acme"
    assert organization_of("one/o", [one, two]) is None
