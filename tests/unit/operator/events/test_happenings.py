"""A person is told what has changed about a pool, once, and in words that say why."""

from dataclasses import replace

from bridge_operator.autoscaler.decision import Decision
from bridge_operator.autoscaler.step import Step
from bridge_operator.events.happening import busy_instance_killed, happenings
from bridge_operator.status.facts import PoolFacts, Rollout, RolloutState
from bridge_operator.status.reasons import Trouble


def reasons(before: PoolFacts | None, after: PoolFacts) -> list[tuple[str, str]]:
    return [(one.type.value, one.reason) for one in happenings(before, after)]


def unreachable(pod: str) -> Trouble:
    return Trouble("SiteUnreachable", "net::ERR_NAME_NOT_RESOLVED", pod)


def test_nothing_new_is_nothing_to_tell() -> None:
    facts = PoolFacts(wanted=2, replicas=2, ready=1, troubles=(unreachable("a"),))

    assert reasons(facts, facts) == []


def test_a_change_of_the_number_is_told_with_its_cause() -> None:
    step = Step(3, "HighUtilization", "4 busy and 2 waiting")
    after = PoolFacts(wanted=3, decision=Decision(1, step, step))

    (told,) = happenings(PoolFacts(wanted=1), after)

    assert (told.type.value, told.reason) == ("Normal", "ScaledUp")
    assert told.message == "from 1 to 3 instances: 4 busy and 2 waiting"
    assert reasons(after, PoolFacts(wanted=1)) == [("Normal", "ScaledDown")]


def test_the_first_look_after_a_start_tells_troubles_but_no_change() -> None:
    assert reasons(None, PoolFacts(wanted=3, troubles=(unreachable("a"),))) == [
        ("Warning", "SiteUnreachable")
    ]


def test_a_rollout_is_told_when_it_starts_and_how_it_ends() -> None:
    done = PoolFacts(template_hash="abc")
    under_way = PoolFacts(rollout=Rollout(RolloutState.UNDER_WAY, "1 of 2 is new"))
    failed = PoolFacts(rollout=Rollout(RolloutState.FAILED, "none became ready in 300 s"))

    assert reasons(done, under_way) == [("Normal", "RolloutStarted")]
    assert next(happenings(done, replace(under_way, template_hash="def"))).message == (
        "revision def replaces the one before"
    )
    assert reasons(under_way, done) == [("Normal", "RolloutComplete")]
    assert reasons(under_way, failed) == [("Warning", "RolloutFailed")]


def test_a_trouble_that_reaches_another_pod_is_not_told_again() -> None:
    one = PoolFacts(troubles=(unreachable("a"),))
    two = PoolFacts(troubles=(unreachable("a"), unreachable("b")))

    assert reasons(PoolFacts(), two) == [("Warning", "SiteUnreachable")]
    assert reasons(one, two) == []


def test_the_end_of_all_troubles_is_told() -> None:
    assert reasons(PoolFacts(troubles=(unreachable("a"),)), PoolFacts()) == [("Normal", "Recovered")]


def test_lost_chats_are_a_warning() -> None:
    told = busy_instance_killed("demo-a-1", 2, "evicted")

    assert (told.type.value, told.reason) == ("Warning", "BusyInstanceKilled")
    assert told.message == "demo-a-1 has ended (evicted) while it had 2 chats"


def test_a_revision_that_was_given_up_has_taken_its_troubles_along_but_nothing_is_mended() -> None:
    before = PoolFacts(troubles=(Trouble("ImagePullFailed", "no such image", "new"),))
    after = PoolFacts(rollout=Rollout(RolloutState.FAILED, "back to the old one"))

    assert reasons(before, after) == [("Warning", "RolloutFailed")]
