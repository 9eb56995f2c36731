"""When an instance gives itself up: after so many intervals in a row with failures of its own."""

from bridge_browser.health import BROWSER, Condition, Health

NO_CHATS = [float("-inf")] * 2
HEALTHY, FAILING, GIVEN_UP = Condition


def test_it_gives_up_after_so_many_failing_intervals_in_a_row() -> None:
    health = Health()
    conditions = []
    for _ in range(3):
        health.failed(0, "PageLost", 10.0)
        health.up(0)
        conditions.append(health.judge(3, NO_CHATS).condition)

    assert conditions == [FAILING, FAILING, GIVEN_UP]


def test_many_failures_in_one_interval_count_once() -> None:
    health = Health()
    for _ in range(5):
        health.failed(0, "PageLost", 10.0)
    health.up(0)

    assert health.judge(3, NO_CHATS).condition is FAILING
    assert health.judge(3, NO_CHATS).condition is HEALTHY


def test_an_interval_without_failures_begins_the_count_anew() -> None:
    health = Health()
    conditions = []
    for failure in (True, True, False, True, True):
        if failure:
            health.failed(1, "PageLost", 10.0)
            health.up(1)
        conditions.append(health.judge(3, NO_CHATS).condition)

    assert conditions == [FAILING, FAILING, HEALTHY, FAILING, FAILING]


def test_what_stays_down_fails_each_interval() -> None:
    health = Health()
    health.failed(BROWSER, "BrowserHangs", 10.0)

    assert [health.judge(3, NO_CHATS).condition for _ in range(3)] == [FAILING, FAILING, GIVEN_UP]


def test_a_judgement_says_why() -> None:
    health = Health()
    health.failed(BROWSER, "BrowserLost", 10.0)

    judgement = health.judge(3, NO_CHATS)

    assert (judgement.reason, judgement.message) == (
        "BrowserLost",
        "BrowserLost in 1 of 3 intervals in a row",
    )


def test_a_chat_answered_since_makes_its_own_slots_failure_good_and_the_browsers() -> None:
    conditions = []
    for slot, answered_at in (
        (0, [11.0, 0.0]),
        (0, [9.0, 11.0]),
        (BROWSER, [9.0, 11.0]),
        (BROWSER, [9.0, 9.0]),
    ):
        health = Health()
        health.failed(slot, "Lost", 10.0)
        health.up(slot)
        conditions.append(health.judge(3, answered_at).condition)

    assert conditions == [HEALTHY, FAILING, HEALTHY, FAILING]
