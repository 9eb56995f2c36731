"""What cannot be done is tried later each time, and at once when something has changed."""

from bridge_operator.cluster.patience import LONGEST_SECONDS, Patience


def test_while_nothing_changes_each_pause_is_longer_up_to_a_limit():
    patience, now, pauses = Patience(), 0.0, []
    for _ in range(6):
        pause, _ = patience.refuse("web", "as it was", "NotSettled", now)
        pauses.append(pause)
        now += pause
    assert pauses == [1.0, 2.0, 4.0, 8.0, LONGEST_SECONDS, LONGEST_SECONDS]


def test_a_pause_is_kept_and_a_change_ends_it():
    patience = Patience()
    patience.refuse("web", "as it was", "NotSettled", 10.0)
    assert patience.wait_seconds("web", "as it was", 10.25) == 0.75
    assert patience.wait_seconds("web", "changed", 10.25) == 0
    assert patience.wait_seconds("another", "as it was", 10.25) == 0


def test_after_a_change_pauses_begin_anew():
    patience = Patience()
    patience.refuse("web", "as it was", "NotSettled", 0.0)
    assert patience.refuse("web", "changed", "NotSettled", 1.0) == (1.0, False)


def test_a_reason_is_news_once():
    patience = Patience()
    news = [
        patience.refuse("web", "same", reason, 0.0)[1]
        for reason in ("NotSettled", "NotSettled", "AnotherFirst")
    ]
    assert news == [True, False, True]


def test_what_is_forgotten_is_tried_at_once_and_is_news_again():
    patience = Patience()
    patience.refuse("web", "same", "NotSettled", 0.0)
    patience.forget("web")
    assert patience.wait_seconds("web", "same", 0.0) == 0
    assert patience.refuse("web", "same", "NotSettled", 0.0) == (1.0, True)
