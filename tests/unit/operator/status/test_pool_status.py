"""A pool's status says how it is, why, and what to do: every condition always, and each time only when something changed."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_api.spec import PoolSpec
from bridge_api.status import ConditionType, PoolStatus
from bridge_operator.autoscaler.decision import Decision
from bridge_operator.autoscaler.step import Step
from bridge_operator.status.facts import PoolFacts, Rollout, RolloutState
from bridge_operator.status.pool_status import make_status, same_status
from bridge_operator.status.reasons import ADVICE, Trouble

NOW = "2026-11-24T10:00:00Z"
LATER = "2026-11-24T10:05:00Z"
SITE = {"adapter": "arena", "url": "https://chat.example.org"}
MISSING = Trouble("SecretMissing", "/etc/bridge/proxy/server is wanted and not there.", "demo-a-1")


def raw(status: Any = None) -> dict[str, Any]:
    pool: dict[str, Any] = {"metadata": {"name": "demo", "uid": "u-1", "generation": 4}}
    return pool if status is None else pool | {"status": status}


def spec(**fields: Any) -> PoolSpec:
    return PoolSpec.model_validate({"site": SITE, **fields})


def conditions(facts: PoolFacts, of: PoolSpec | None = None) -> dict[str, tuple[str, str]]:
    made = make_status(raw(), of or spec(), facts, NOW)["conditions"]
    return {one["type"]: (one["status"], one["reason"]) for one in made}


def message(facts: PoolFacts, kind: str, of: PoolSpec | None = None) -> str:
    made = make_status(raw(), of or spec(), facts, NOW)["conditions"]
    return str(next(one["message"] for one in made if one["type"] == kind))


def decided(outcome: str, wish: str = "HighUtilization") -> Decision:
    return Decision(2, Step(3, wish, "9 busy"), Step(2, outcome, "9 busy; so it is"))


def test_a_pool_as_wanted_is_ready_and_nothing_else() -> None:
    facts = PoolFacts(wanted=2, replicas=2, ready=2, decision=decided("DesiredWithinRange"))

    assert conditions(facts) == {
        "Ready": ("True", "InstancesReady"),
        "Progressing": ("False", "AsWanted"),
        "Degraded": ("False", "AsExpected"),
        "ScalingActive": ("True", "Load"),
        "ScalingLimited": ("False", "WithinLimits"),
        "Draining": ("False", "NothingDrains"),
        "NeedsHuman": ("False", "NobodyNeeded"),
    }


@pytest.mark.parametrize(
    ("facts", "ready", "progressing"),
    [
        (PoolFacts(wanted=1), ("False", "Starting"), ("True", "Starting")),
        (PoolFacts(wanted=2, replicas=2, ready=1), ("True", "SomeInstancesReady"), ("True", "Starting")),
        (PoolFacts(wanted=0), ("True", "ScaledToZero"), ("False", "AsWanted")),
        (PoolFacts(wanted=1, replicas=2, ready=2), ("True", "InstancesReady"), ("True", "ScalingDown")),
        (
            PoolFacts(wanted=1, replicas=1, troubles=(MISSING,)),
            ("False", "SecretMissing"),
            ("False", "SecretMissing"),
        ),
        (
            PoolFacts(wanted=2, replicas=1, ready=1, blocked=Trouble("ProfileLimit", "no room")),
            ("True", "SomeInstancesReady"),
            ("False", "ProfileLimit"),
        ),
        (
            PoolFacts(
                wanted=2, replicas=3, ready=2, rollout=Rollout(RolloutState.UNDER_WAY, "1 of 2 is new")
            ),
            ("True", "InstancesReady"),
            ("True", "RollingOut"),
        ),
        (
            PoolFacts(wanted=2, replicas=2, ready=2, rollout=Rollout(RolloutState.PAUSED, "held")),
            ("True", "InstancesReady"),
            ("False", "RolloutPaused"),
        ),
        (
            PoolFacts(wanted=2, replicas=2, ready=2, rollout=Rollout(RolloutState.PARTITIONED, "1 stays")),
            ("True", "InstancesReady"),
            ("False", "RolloutPartitioned"),
        ),
    ],
)
def test_ready_and_progressing_say_where_a_pool_stands(
    facts: PoolFacts, ready: tuple[str, str], progressing: tuple[str, str]
) -> None:
    made = conditions(facts)

    assert made["Ready"] == ready
    assert made["Progressing"] == progressing


def test_a_condition_that_waits_for_a_person_says_what_to_do() -> None:
    held = PoolFacts(wanted=2, replicas=2, ready=2, rollout=Rollout(RolloutState.PAUSED, "1 stays old"))
    full = PoolFacts(wanted=2, replicas=1, ready=1, blocked=Trouble("ProfileLimit", "no profile has room"))

    said = [message(facts, "Progressing") for facts in (held, full)]

    assert said[0] == "1 stays old; set rollout.paused to false to go on"
    assert said[1].startswith("no profile has room (raise maxInstances of a profile")


def test_a_rollout_past_its_deadline_degrades_a_pool_that_still_serves() -> None:
    facts = PoolFacts(
        wanted=1, replicas=1, ready=1, rollout=Rollout(RolloutState.FAILED, "no pod became ready")
    )

    made = conditions(facts)

    assert made["Ready"][0] == "True"
    assert made["Progressing"] == ("False", "ProgressDeadlineExceeded")
    assert made["Degraded"] == ("True", "ProgressDeadlineExceeded")


@pytest.mark.parametrize("of", [None, spec()])
def test_a_spec_that_cannot_be_carried_out_is_not_ready_though_its_old_pods_are(of: PoolSpec | None) -> None:
    facts = PoolFacts(wanted=1, replicas=1, ready=1, refused="spec.browser.mode: headed")

    made = make_status(raw(), of, facts, NOW)

    by_type = {one["type"]: one for one in made["conditions"]}
    assert (by_type["Ready"]["status"], by_type["Ready"]["reason"]) == ("False", "InvalidSettings")
    assert by_type["Degraded"]["reason"] == "InvalidSettings"
    assert "spec.browser.mode: headed" in by_type["Ready"]["message"]
    assert made["readyInstances"] == 1


def test_the_worst_trouble_is_the_reason_and_every_one_is_told_with_what_to_do() -> None:
    limited = Trouble("RateLimited", "The site has set a limit.", "demo-a-1")
    facts = PoolFacts(wanted=2, replicas=2, troubles=(limited, MISSING, MISSING._replace(where="demo-a-2")))

    assert conditions(facts)["Degraded"] == ("True", "SecretMissing")
    assert message(facts, "Degraded") == (
        "demo-a-1 and 1 more: /etc/bridge/proxy/server is wanted and not there "
        "(make the Secret with the keys that are wanted); "
        "demo-a-1: The site has set a limit (it is waited out)"
    )


def test_a_router_that_refuses_to_tell_the_load_is_named() -> None:
    silent = PoolFacts(
        wanted=1, ready=1, decision=decided("LoadUnknown", wish="LoadUnknown"), load_trouble="http://r: 401"
    )
    assert conditions(silent)["ScalingActive"] == ("False", "LoadFeedRefused")
    assert "http://r: 401" in message(silent, "ScalingActive")


def test_who_waits_for_a_person_says_so() -> None:
    challenge = Trouble("Challenge", "The site asks for proof of a person.", "demo-a-1", needs_human=True)
    facts = PoolFacts(wanted=1, replicas=1, troubles=(challenge,))

    assert conditions(facts)["NeedsHuman"] == ("True", "Challenge")
    assert conditions(facts)["Ready"] == ("False", "Challenge")


@pytest.mark.parametrize(
    ("fields", "decision", "expected", "words"),
    [
        ({}, None, ("Unknown", "NotDecidedYet"), "not been looked at"),
        ({}, decided("LoadUnknown", wish="LoadUnknown"), ("False", "LoadUnknown"), "every router"),
        ({"replicas": 3}, decided("x"), ("True", "Load"), "spec.replicas is ignored"),
        (
            {"replicas": 3, "autoscaling": {"mode": "External"}},
            None,
            ("False", "External"),
            "spec.replicas holds (3)",
        ),
        ({"autoscaling": {"mode": "Off"}}, None, ("False", "Off"), "minInstances holds (1)"),
        ({"paused": True}, None, ("False", "Paused"), "the number stays"),
    ],
)
def test_scaling_says_who_decides(
    fields: dict[str, Any], decision: Decision | None, expected: tuple[str, str], words: str
) -> None:
    facts = PoolFacts(wanted=1, replicas=1, ready=1, decision=decision)

    assert conditions(facts, spec(**fields))["ScalingActive"] == expected
    assert words in message(facts, "ScalingActive", spec(**fields))


@pytest.mark.parametrize(
    "reason", ["TooManyInstances", "TooFewInstances", "ProfileLimit", "ScaleUpLimit", "ScaleDownLimit"]
)
def test_a_limit_that_holds_the_number_is_told_without_figures_of_the_moment(reason: str) -> None:
    facts = PoolFacts(wanted=2, replicas=2, ready=2, decision=decided(reason))

    assert conditions(facts)["ScalingLimited"] == ("True", reason)
    assert "busy" not in message(facts, "ScalingLimited")


def test_a_paused_pool_without_instances_is_not_ready() -> None:
    made = conditions(PoolFacts(), spec(paused=True))

    assert made["Ready"] == ("False", "Paused")
    assert made["Progressing"] == ("False", "Paused")


def test_pods_on_their_way_out_are_told() -> None:
    assert conditions(PoolFacts(wanted=1, replicas=1, ready=1, draining=2))["Draining"] == (
        "True",
        "InstancesDraining",
    )


def test_the_time_of_a_condition_is_that_of_its_last_change() -> None:
    first = make_status(raw(), spec(), PoolFacts(wanted=1), NOW)
    second = make_status(raw(first), spec(), PoolFacts(wanted=1, replicas=1, ready=1), LATER)

    times = {one["type"]: one["lastTransitionTime"] for one in second["conditions"]}
    assert times["Ready"] == LATER
    assert times["Degraded"] == NOW


def test_another_reason_alone_does_not_change_the_time() -> None:
    first = make_status(raw(), spec(), PoolFacts(wanted=1), NOW)
    second = make_status(raw(first), spec(), PoolFacts(wanted=1, troubles=(MISSING,)), LATER)

    assert second["conditions"][0]["reason"] == "SecretMissing"
    assert second["conditions"][0]["lastTransitionTime"] == NOW


def test_the_selector_finds_the_pods_of_this_pool() -> None:
    made = make_status(raw(), spec(), PoolFacts(), NOW)

    assert made["selector"] == "lmarenabridge.dev/pool=demo,lmarenabridge.dev/pool-uid=u-1"
    assert made["observedGeneration"] == 4


troubles = st.builds(
    Trouble,
    st.sampled_from([*ADVICE, "SomethingNew"]),
    st.text(max_size=600),
    st.sampled_from(["", "demo-a-1", "demo-a-2"]),
    st.booleans(),
)
counts = st.integers(min_value=0, max_value=5)
specs = st.sampled_from([None, spec(), spec(paused=True), spec(replicas=2, autoscaling={"mode": "External"})])
facts_of_a_pool = st.builds(
    PoolFacts,
    wanted=counts,
    replicas=counts,
    ready=counts,
    draining=counts,
    models=st.lists(st.sampled_from("abc"), max_size=3).map(tuple),
    decision=st.sampled_from([None, decided("TooManyInstances"), decided("LoadUnknown", "LoadUnknown")]),
    rollout=st.builds(Rollout, st.sampled_from(RolloutState), st.just("words")),
    blocked=st.none() | troubles,
    troubles=st.lists(troubles, max_size=4).map(tuple),
    refused=st.sampled_from(["", "bad"]),
)


@given(facts_of_a_pool, specs)
def test_whatever_is_seen_every_condition_is_there_once_and_is_a_valid_one(
    facts: PoolFacts, of: PoolSpec | None
) -> None:
    made = make_status(raw(), of, facts, NOW)

    assert [one["type"] for one in made["conditions"]] == [kind.value for kind in ConditionType]
    PoolStatus.model_validate(made)


@given(facts_of_a_pool, specs)
def test_the_same_facts_again_change_nothing(facts: PoolFacts, of: PoolSpec | None) -> None:
    first = make_status(raw(), of, facts, NOW)

    again = make_status(raw(first), of, facts, LATER)

    assert again == first
    assert same_status(again, first)


def test_what_an_api_server_makes_of_a_status_is_the_same_status() -> None:
    made = make_status(raw(), spec(), PoolFacts(wanted=1, replicas=1, ready=1), NOW)
    stored = copy.deepcopy(made)
    stored["conditions"].reverse()
    del stored["models"]

    assert same_status(made, stored)
    assert not same_status(made, {})
    assert not same_status(made, stored | {"readyInstances": 0})
