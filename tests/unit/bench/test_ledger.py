"""The soak's ledger: what each chat must end with, and which did not."""

from random import Random

from bench.soaking.ledger import EXPECTED, Chat, Entry, by_fault, mistakes, plan
from bridge_api.errors import ErrorKind
from bridge_demo_site.state.faults import FaultName

ANSWER = 'You said: "Chat 7". This is turn 1 of our conversation.'


def entry(*, fault: str | None = None, error: str | None = None, text: str = "") -> Entry:
    return Entry(Chat(7, fault, stream=True), error, text)


def test_the_same_seed_draws_the_same_chats() -> None:
    assert plan(50, 5, Random(1)) == plan(50, 5, Random(1))


def test_about_the_wanted_share_has_a_fault() -> None:
    faults = sum(chat.fault is not None for chat in plan(2000, 5, Random(3)))

    assert 60 < faults < 140


def test_every_fault_is_one_of_the_site_and_every_code_one_of_the_contract() -> None:
    assert set(EXPECTED) <= {fault.value for fault in FaultName}
    assert all(ErrorKind.from_code(code) for code in EXPECTED.values())


def test_the_answer_to_the_own_message_is_right() -> None:
    assert mistakes([entry(text=ANSWER)]) == []


def test_an_answer_to_another_message_is_a_mistake() -> None:
    assert mistakes([entry(text=ANSWER.replace("7", "8"))]) == ["chat 7: the answer of another chat"]


def test_a_fault_with_its_code_is_right_and_with_another_a_mistake() -> None:
    assert mistakes([entry(fault="stall", error="idle_timeout")]) == []
    assert mistakes([entry(fault="stall", error="site_error")]) == [
        "chat 7 (stall): site_error, not idle_timeout"
    ]


def test_a_fault_that_was_answered_is_a_mistake() -> None:
    assert mistakes([entry(fault="cut", text=ANSWER)])


def test_an_error_without_a_fault_is_a_mistake() -> None:
    assert mistakes([entry(error="no_instance")])


def test_chats_are_counted_by_fault() -> None:
    entries = [entry(text=ANSWER), entry(fault="cut", error="site_error"), entry(fault="cut", error="cut")]

    assert by_fault(entries) == [("none", "an answer", 1, 1), ("cut", "site_error", 2, 1)]
