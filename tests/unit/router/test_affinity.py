"""A follow-up goes to the page that holds its conversation, if that is free, and waits for no page."""

from collections.abc import Sequence
from typing import Any

import pytest

from bridge_api.conversation import Parties, conversation_name, conversation_secret, read_turns
from bridge_api.wire.instance import InstanceStatus, SlotState
from bridge_router.core.affinity import Past
from bridge_router.core.catalog import choose_pool
from bridge_router.core.pool import Pool
from bridge_router.core.waiting import Ticket
from tests.unit.router.worlds import BUSY, READY, leases, make_pool, make_resource, make_status

HISTORY = [
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "Hi"},
    {"role": "user", "content": "And?"},
]


def holding(*conversations: str | None, version: int = 1, states: Sequence[SlotState] = ()) -> InstanceStatus:
    """A status of ready slots, each with what its page holds."""
    status = make_status(*(states or [READY] * len(conversations)), version=version)
    slots = [
        slot.model_copy(update={"conversation": name})
        for slot, name in zip(status.slots, conversations, strict=True)
    ]
    return status.model_copy(update={"slots": slots})


def asking(conversation: str | None, *tried: str) -> Ticket:
    ticket = Ticket("m")
    ticket.conversation = conversation
    ticket.tried.update(tried)
    return ticket


def instance_for(pool: Pool, ticket: Ticket, now: float = 1.0) -> str | None:
    got = leases(pool.enter(ticket, now))
    return got[0].endpoint.instance if got else None


def three(strategy: str = "LeastBusy") -> Pool:
    """Three instances; `b` holds x on the one slot that it has free, the others are idle."""
    pool = make_pool(instances=("a", "b", "c"), loadBalancing={"strategy": strategy})
    pool.see("a", holding(None, None, None), 0.0, first=True)
    pool.see("b", holding("x", None, None, states=(READY, BUSY, BUSY)), 0.0, first=True)
    pool.see("c", holding("y", None, None), 0.0, first=True)
    return pool


@pytest.mark.parametrize("strategy", ["LeastBusy", "RoundRobin"])
def test_the_page_that_holds_it_comes_before_any_strategy(strategy: str) -> None:
    assert instance_for(three(strategy), asking("x")) == "b"


@pytest.mark.parametrize("conversation", [None, "z"])
def test_without_a_page_that_holds_it_the_strategy_decides(conversation: str | None) -> None:
    assert instance_for(three(), asking(conversation)) == "a"


def test_a_page_in_use_is_not_waited_for() -> None:
    pool = three()
    pool.see("b", holding(None, None, None, states=(BUSY, BUSY, BUSY), version=2), 1.0, first=False)

    assert instance_for(pool, asking("x")) == "a"


def test_of_two_at_once_one_gets_the_page_and_the_other_a_new_chat() -> None:
    pool = three()
    pool.see("b", holding("x", None, states=(READY, READY), version=2), 1.0, first=False)

    assert [instance_for(pool, asking("x")) for _ in range(2)] == ["b", "a"]


def test_a_slot_that_is_leased_already_is_no_page_to_go_to() -> None:
    pool = make_pool(instances=("a", "b"))
    pool.see("a", holding("x"), 0.0, first=True)
    assert instance_for(pool, asking(None)) == "a"
    pool.see("b", holding(None), 1.0, first=True)

    assert instance_for(pool, asking("x")) == "b"


def test_an_instance_that_failed_the_request_is_not_asked_again_for_its_page() -> None:
    assert instance_for(three(), asking("x", "b")) == "a"


def test_an_instance_out_of_rotation_is_no_page_to_go_to() -> None:
    pool = three()
    pool.see("b", holding("x").model_copy(update={"draining": True, "version": 2}), 1.0, first=False)

    assert instance_for(pool, asking("x")) == "a"


def test_one_that_waits_gets_its_page_when_that_is_free_again() -> None:
    pool = make_pool(instances=("a", "b"))
    pool.see("a", holding(None, states=(BUSY,)), 0.0, first=True)
    pool.see("b", holding(None, states=(BUSY,)), 0.0, first=True)
    first, second = asking(None), asking("x")
    pool.enter(first, 1.0)
    pool.enter(second, 2.0)

    settled = pool.see("b", holding("x", version=2), 3.0, first=False)

    assert [ticket for ticket, _ in settled] == [first]


def past(key_id: str = "laptop", model: str | None = "fast") -> Past:
    return Past(model, key_id, read_turns(HISTORY))


MODELS = {"aliases": {"fast": "lumen"}, "default": "fast"}


def test_the_router_names_a_conversation_as_the_pods_do() -> None:
    held = conversation_name(
        conversation_secret("token"), Parties("laptop", "lumen"), read_turns(HISTORY[:-1])
    )

    for model in ("fast", "demo/fast", "lumen", "demo/lumen", None):
        assert past(model=model).name_in(make_resource(models=MODELS), "token") == held


@pytest.mark.parametrize(
    ("other", "token"),
    [
        pytest.param(past(key_id="desktop"), "token", id="another key"),
        pytest.param(past(key_id=""), "token", id="no key"),
        pytest.param(past(model="quill"), "token", id="another model"),
        pytest.param(past(), "another", id="another pool"),
        pytest.param(past(), None, id="no token"),
    ],
)
def test_histories_that_are_alike_are_not_the_same_with(other: Past, token: str | None) -> None:
    resource = make_resource(models=MODELS)

    assert other.name_in(resource, token) not in (None, past().name_in(resource, "token"))


@pytest.mark.parametrize(
    ("asked", "spec"),
    [
        pytest.param(Past("m", "laptop", read_turns(HISTORY[:1])), {}, id="a first message"),
        pytest.param(past(), {"loadBalancing": {"affinity": "None"}}, id="a pool without affinity"),
        pytest.param(past(model=None), {}, id="no model"),
    ],
)
def test_nothing_is_gone_on_with(asked: Past, spec: dict[str, Any]) -> None:
    assert asked.name_in(make_resource(**spec), "token") is None


def test_of_pools_with_the_same_model_the_one_that_holds_it_is_chosen() -> None:
    free, holder = make_pool("free", instances=("a", "b")), make_pool("holder", instances=("c",))
    for pool in (free, holder):
        for instance in pool.endpoints:
            pool.see(instance, holding("x"), 0.0, first=True)

    assert choose_pool("m", [free, holder]) is free
    assert choose_pool("m", [free, holder], lambda pool: pool is holder) is holder
    assert choose_pool("m", [free, holder], lambda pool: pool.holds("z")) is free
