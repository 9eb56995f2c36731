"""Which revision is wanted, and when a rollout is given up."""

import pytest

from bridge_operator.plan import ObservedInstance
from bridge_operator.plan.revisions import Progress, Revision, failing_since, judge_rollout, wanted_hash
from tests.unit.operator.plan.worlds import NOW, draining, new, old, starting

DEADLINE = 30.0


def revision(
    template_hash: str,
    *instances: ObservedInstance,
    created: float = 0.0,
    failed: bool = False,
    complete: bool = False,
) -> Revision:
    return Revision(template_hash, created, instances, failed, complete)


def failing(name: str, since: float) -> ObservedInstance:
    return new(name, ready=False, failing_since=since)


OLD = revision("old", old("a"), complete=True)
LATE = NOW - DEADLINE


@pytest.mark.parametrize(
    ("revisions", "expected"),
    [
        pytest.param([], "new", id="the-spec's"),
        pytest.param([OLD, revision("new")], "new", id="as-long-as-it-has-not-failed"),
        pytest.param([OLD, revision("new", failed=True)], "old", id="else-the-one-before"),
        pytest.param([revision("new", failed=True)], "new", id="if-there-is-one"),
        pytest.param(
            [revision("old", failed=True), revision("new", failed=True)], "new", id="that-has-not-failed-too"
        ),
        pytest.param(
            [
                revision("older", created=1),
                revision("old", created=2),
                revision("new", created=3, failed=True),
            ],
            "old",
            id="the-newest-of-them",
        ),
        pytest.param(
            [
                revision("older", created=1, complete=True),
                revision("old", created=2),
                revision("new", created=3, failed=True),
            ],
            "older",
            id="but-rather-one-that-has-proved-itself",
        ),
        pytest.param(
            [OLD, revision("newer", failed=True)], "new", id="a-failure-of-another-one-does-not-matter"
        ),
    ],
)
def test_the_wanted_revision_is_the_spec_s_unless_that_has_failed(
    revisions: list[Revision], expected: str
) -> None:
    assert wanted_hash("new", revisions) == expected


@pytest.mark.parametrize(
    ("revisions", "expected"),
    [
        pytest.param([OLD], (Progress.PROGRESSING, "NotStarted"), id="nothing-of-it-is-there"),
        pytest.param(
            [OLD, revision("new", starting("n"))], (Progress.PROGRESSING, "RollingOut"), id="it-has-begun"
        ),
        pytest.param(
            [OLD, revision("new", new("n"))], (Progress.PROGRESSING, "RollingOut"), id="an-old-one-is-left"
        ),
        pytest.param([revision("new", new("n"))], (Progress.COMPLETE, "RolloutComplete"), id="all-are-new"),
        pytest.param(
            [revision("old", draining(old("a"))), revision("new", new("n"))],
            (Progress.COMPLETE, "RolloutComplete"),
            id="one-that-drains-is-not-waited-for",
        ),
        pytest.param([revision("new")], (Progress.COMPLETE, "RolloutComplete"), id="none-is-to-be-there"),
        pytest.param(
            [OLD, revision("new", failing("n", since=LATE + 1))],
            (Progress.PROGRESSING, "RollingOut"),
            id="failing-but-not-for-long-enough",
        ),
        pytest.param(
            [OLD, revision("new", failing("n", since=LATE))],
            (Progress.STUCK, "ProgressDeadlineExceeded"),
            id="failing-past-the-deadline",
        ),
        pytest.param(
            [OLD, revision("new", failing("n", since=LATE), new("m", ready_since=NOW - 10))],
            (Progress.PROGRESSING, "RollingOut"),
            id="another-became-ready-meanwhile",
        ),
        pytest.param(
            [OLD, revision("new", failing("n", since=LATE), new("m", ready_since=LATE - 10))],
            (Progress.STUCK, "ProgressDeadlineExceeded"),
            id="another-became-ready-too-long-ago",
        ),
        pytest.param(
            [OLD, revision("new", failing("n", since=LATE), starting("m"))],
            (Progress.STUCK, "ProgressDeadlineExceeded"),
            id="a-new-try-is-no-progress",
        ),
        pytest.param(
            [OLD, revision("new", new("n", ready=False, blocked=True))],
            (Progress.PROGRESSING, "WaitingForSite"),
            id="it-waits-for-a-person-or-a-limit",
        ),
        pytest.param(
            [OLD, revision("new", new("n", ready=False, site_fault=True))],
            (Progress.PROGRESSING, "WaitingForSite"),
            id="it-cannot-reach-the-site",
        ),
        pytest.param(
            [revision("new", failing("n", since=LATE), complete=True)],
            (Progress.COMPLETE, "RolloutComplete"),
            id="what-fails-after-the-rollout-is-none-of-its-business",
        ),
        pytest.param(
            [OLD, revision("new", failing("n", since=LATE), complete=True)],
            (Progress.PROGRESSING, "RollingOut"),
            id="nor-of-a-second-one-of-the-same-revision",
        ),
    ],
)
def test_a_rollout_is_judged_by_what_its_instances_say(
    revisions: list[Revision], expected: tuple[Progress, str]
) -> None:
    assert judge_rollout(revisions, "new", DEADLINE, NOW)[:2] == expected


def test_a_rollout_that_has_failed_goes_back_if_there_is_something_to_go_back_to() -> None:
    stuck = revision("new", failing("n", since=LATE))

    assert judge_rollout([OLD, stuck], "new", DEADLINE, NOW).back_to == "old"
    alone = judge_rollout([stuck], "new", DEADLINE, NOW)
    assert (alone.progress, alone.back_to) == (Progress.STUCK, "")
    assert "no revision to go back to" in alone.message


def test_it_says_when_to_judge_again() -> None:
    rollout = [OLD, revision("new", failing("n", since=NOW - 10))]

    assert judge_rollout(rollout, "new", DEADLINE, NOW).until == NOW - 10 + DEADLINE


def test_a_partition_is_not_waited_for() -> None:
    rollout = [revision("old", old("a"), old("b")), revision("new", new("n"))]

    assert judge_rollout(rollout, "new", DEADLINE, NOW, stay_old=2).progress is Progress.COMPLETE
    assert judge_rollout(rollout, "new", DEADLINE, NOW, stay_old=1).progress is Progress.PROGRESSING


@pytest.mark.parametrize(
    ("before", "one", "expected"),
    [
        pytest.param(None, starting("n"), NOW, id="from-the-first-look"),
        pytest.param(40.0, starting("n"), 40.0, id="on-and-on"),
        pytest.param(40.0, new("n"), None, id="until-it-is-ready"),
        pytest.param(40.0, new("n", ready=False, blocked=True), None, id="or-waits-for-a-person-or-a-limit"),
        pytest.param(40.0, new("n", ready=False, site_fault=True), None, id="or-its-site-is-to-blame"),
        pytest.param(40.0, draining(starting("n")), None, id="or-it-is-to-end"),
    ],
)
def test_an_instance_fails_while_it_is_not_ready_by_its_own_fault(
    before: float | None, one: ObservedInstance, expected: float | None
) -> None:
    assert failing_since(before, one, NOW) == expected
