"""An answer is planned as captured streams look."""

from typing import Any

import pytest

from bridge_demo_site.answer.plan import plan_answer
from bridge_demo_site.answer.records import encode
from tests.unit.demo_site.questions import chance, make_question, read_records, text

Records = list[tuple[str, str, Any]]
HEARTBEAT = ("a", "2", [{"type": "heartbeat"}])


def plan(seed: int = 1, **question: Any) -> Records:
    planned = plan_answer(make_question(**question), chance(seed))
    return read_records(b"".join(encode(timed.record) for timed in planned))


def test_the_same_question_and_chance_give_the_same_answer():
    assert plan_answer(make_question(), chance(7)) == plan_answer(make_question(), chance(7))


def test_four_heartbeats_come_first_then_the_step_begins():
    records = plan()

    assert records[:4] == [HEARTBEAT] * 4
    assert records[4] == ("a", "f", {"messageId": "message-a"})


def test_a_direct_answer_ends_with_its_step_and_the_usage():
    *_, step, finish = plan(said="Hello, you", tokens=30, reasoning=5)

    assert step[:2] == ("a", "e")
    assert finish == (
        "a", "d", {"finishReason": "stop", "usage": {"promptTokens": 3, "completionTokens": 35}}
    )  # fmt: skip


def test_both_lanes_of_a_battle_say_the_same_and_b_ends_long_before_a():
    records = plan(lanes="ab", tokens=100)

    assert text(records, "a") == text(records, "b") != ""
    ends = [number for number, record in enumerate(records) if record[1] == "d"]
    assert [records[number][0] for number in ends] == ["b", "a"]
    assert ends[1] - ends[0] > 10
    assert all("usage" not in records[number][2] for number in ends)


def test_heartbeats_stay_on_lane_a_while_only_b_works():
    records = plan(lanes="ab", tokens=200, pace_ms=50)

    first_of_a = next(number for number, record in enumerate(records) if record[:2] == ("a", "f"))
    between = records[4:first_of_a]
    assert HEARTBEAT in between
    assert {record[0] for record in between if record != HEARTBEAT} == {"b"}


def test_an_answer_takes_its_pace():
    planned = plan_answer(make_question(tokens=100, pace_ms=50), chance(1))

    assert 5.0 <= planned[-1].at <= 5.5


@pytest.mark.parametrize(
    ("marker", "code", "count"),
    [("reasoning", "g", 7), ("citations", "c", 2), ("images", "2", 3)],
)
def test_a_marker_adds_records(marker: str, code: str, count: int):
    added = [record for record in plan(**{marker: count}) if record[1] == code and record != HEARTBEAT]

    assert len(added) == count


def test_a_padded_answer_has_one_large_record_to_ignore():
    (padding,) = [record for record in plan(padding=20_000) if record[1] == "k"]

    assert len(padding[2]["trace"]) == 20_000


def test_a_prefix_comes_before_the_answer():
    assert text(plan(prefix="Well, ")).startswith('Well, You said: "Hello".')
