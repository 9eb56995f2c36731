"""Reading pool files: every mistake is found, with its line and with what would be right."""

import pytest

from bridge_api.manifest import Mistake, read_manifest

SOUND = """\
apiVersion: lmarenabridge.dev/v1alpha1
kind: BridgeInstancePool
metadata:
  name: demo
spec:
  site:
    adapter: arena
    url: http://127.0.0.1:5105
"""


def mistakes_of(text: str) -> list[str]:
    return [str(mistake) for mistake in read_manifest(text).mistakes]


def test_a_sound_file_gives_its_pools_with_defaults_filled_in() -> None:
    manifest = read_manifest(SOUND)

    (pool,) = manifest.pools
    assert manifest.mistakes == []
    assert pool.key == "default/demo"
    assert pool.spec.slots == 4
    assert pool.spec.timeouts.first_token_seconds == 60


def test_one_file_may_hold_several_pools() -> None:
    manifest = read_manifest(SOUND + "---\n" + SOUND.replace("name: demo", "name: other"))

    assert [pool.metadata.name for pool in manifest.pools] == ["demo", "other"]


def test_every_mistake_of_a_file_is_found_in_one_reading() -> None:
    text = SOUND.replace("http://127.0.0.1:5105", "ftp://somewhere") + (
        "    settings:\n      acceptTerm: true\n  slots: 99\n  autoscaling:\n    minInstance: 2\n    minInstances: 9\n"
        "  timeouts:\n    totalSeconds: soon\n"
    )

    assert [mistake.split(": ")[:2] for mistake in mistakes_of(text)] == [
        ["line 8", "spec.site.url"],
        ["line 10", "spec.site.settings.acceptTerm"],
        ["line 11", "spec.slots"],
        ["line 12", "spec.autoscaling"],
        ["line 13", "spec.autoscaling.minInstance"],
        ["line 16", "spec.timeouts.totalSeconds"],
    ]


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        pytest.param(
            "  slotz: 4\n", "line 9: spec.slotz: unknown field; did you mean slots?", id="misspelt-field"
        ),
        pytest.param(
            "  slots: 17\n",
            "line 9: spec.slots: input should be less than or equal to 16, not 17",
            id="too-large",
        ),
        pytest.param(
            "  autoscaling:\n    minInstances: 3\n    maxInstances: 2\n",
            "line 9: spec.autoscaling: minInstances (3) must not be above maxInstances (2)",
            id="minimum-above-maximum",
        ),
        pytest.param(
            "  autoscaling:\n    mode: Off\n",
            "line 10: spec.autoscaling.mode: input should be 'Load', 'External' or 'Off', not False; write it in quotes, "
            "because YAML reads Off, On, Yes and No as a truth value",
            id="off-without-quotes",
        ),
        pytest.param(
            "  timeouts:\n    totalSeconds: 1000\n",
            "line 5: spec: drain.timeoutSeconds (960) must be at least timeouts.totalSeconds (1000), "
            "or a drain would cut a chat",
            id="drain-shorter-than-a-chat",
        ),
        pytest.param(
            "  browser:\n    extraArgs: [--no-sandbox]\n",
            "line 10: spec.browser.extraArgs[0]: --no-sandbox weakens the browser's isolation; "
            "browser.sandbox is the setting for it",
            id="switch-that-weakens-the-sandbox",
        ),
        pytest.param(
            "  autoscaling:\n    bufferSlots: 20 percent\n",
            "line 9: spec.autoscaling: bufferSlots (20 percent) must be a number from 0, or a percentage such as 20%",
            id="buffer-that-is-neither-number-nor-percentage",
        ),
        pytest.param(
            "  slots: 2\n  slots: 3\n",
            "line 10: spec.slots: stands twice, first on line 9; keep one",
            id="twice",
        ),
    ],
)
def test_a_mistake_says_where_it_is_and_what_would_be_right(addition: str, expected: str) -> None:
    assert mistakes_of(SOUND + addition) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "line 1: empty: a document of kind BridgeInstancePool is wanted", id="empty"),
        pytest.param(
            "- a\n", "line 1: a document of kind BridgeInstancePool is wanted, not a list", id="not-a-mapping"
        ),
        pytest.param(
            SOUND.replace("kind: BridgeInstancePool", "kind: Deployment"),
            "line 2: kind: input should be 'BridgeInstancePool', not 'Deployment'",
            id="another-kind",
        ),
        pytest.param(
            SOUND.replace("  name: demo", "  name: Demo_1"),
            "line 4: metadata.name: ",
            id="name-unfit-for-kubernetes",
        ),
        pytest.param(
            SOUND + "---\n" + SOUND,
            "line 13: metadata.name: a second pool called default/demo in one file",
            id="twins",
        ),
        pytest.param("a: [1\nb: 2\n", "line 2: not YAML: ", id="not-yaml"),
    ],
)
def test_a_file_that_is_no_pool_is_refused(text: str, expected: str) -> None:
    (mistake,) = mistakes_of(text)

    assert mistake.startswith(expected)


@pytest.mark.parametrize(
    ("adapter", "expected"),
    [
        pytest.param(
            "areana", ["line 7: spec.site.adapter: no adapter 'areana'; did you mean arena?"], id="misspelt"
        ),
        pytest.param(
            "mychat", ["line 7: spec.site.adapter: no adapter 'mychat'; there is: arena"], id="unknown"
        ),
        pytest.param("webchat", [], id="to-come"),
    ],
)
def test_an_adapter_that_nobody_has_heard_of_is_a_mistake(adapter: str, expected: list[str]) -> None:
    assert mistakes_of(SOUND.replace("adapter: arena", f"adapter: {adapter}")) == expected


def test_mistakes_are_listed_in_the_order_of_the_file() -> None:
    assert Mistake(2, "b", "x") < Mistake(3, "a", "x")


def test_a_place_in_a_list_has_its_line() -> None:
    manifest = read_manifest(SOUND + "  profiles:\n  - name: a\n  - name: b\n    identitySecret: i\n")

    (pool,) = manifest.pools
    assert manifest.line_of(pool, "spec.profiles[1].identitySecret") == 12


def test_two_profiles_of_one_name_are_a_mistake() -> None:
    (mistake,) = mistakes_of(SOUND + "  profiles:\n  - name: a\n  - name: a\n")

    assert "a is there twice" in mistake
