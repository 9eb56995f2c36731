"""`bridge pool validate`: every mistake with file, line, path and what would be right."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge_cli.app import cli

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


def validate(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["pool", "validate", *arguments], input=given)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pool.yaml"


def test_a_sound_pool_is_ok(file: Path) -> None:
    file.write_text(SOUND)

    result = validate(str(file))

    assert (result.exit_code, result.output) == (0, "ok: pool default/demo\n")


def test_every_mistake_is_printed_in_the_order_of_lines(file: Path) -> None:
    file.write_text(SOUND.replace("http://", "ftp://") + "  slotz: 1\n  queue:\n    maxPending: -1\n")

    result = validate(str(file))

    assert result.exit_code == 1
    assert [line.split(": ")[:2] for line in result.output.splitlines()] == [
        [f"{file}:8", "spec.site.url"],
        [f"{file}:9", "spec.slotz"],
        [f"{file}:11", "spec.queue.maxPending"],
    ]
    assert "did you mean slots?" in result.output


def test_a_sound_pool_beside_a_mistaken_one_is_ok_but_the_file_is_not(file: Path) -> None:
    file.write_text(SOUND + "---\n" + SOUND.replace("name: demo", "name: Demo"))

    result = validate(str(file))

    assert result.exit_code == 1
    assert f"{file}:13: metadata.name: " in result.output
    assert "ok: pool default/demo" in result.output


def test_fields_without_effect_and_choices_without_support_are_warnings_with_their_line(file: Path) -> None:
    file.write_text(SOUND + "    mode: battle\n  health:\n    checks: []\n")

    result = validate(str(file))

    assert result.exit_code == 0
    unsupported, unused, ok = result.output.splitlines()
    assert unsupported.startswith(f"{file}:9: spec.site.mode: warning: adapter arena has no mode battle yet")
    assert unused == (
        f"{file}:11: spec.health.checks: warning: is set; this version keeps it but does not act on it yet "
        "(comes with: custom health checks)"
    )
    assert ok == "ok: pool default/demo"


def test_what_only_a_cluster_acts_on_is_a_note(file: Path) -> None:
    file.write_text(SOUND + "  image: example.org/pod:1\n  drain:\n    disruption: Always\n")

    result = validate(str(file))

    assert result.output.splitlines() == [
        f"{file}:11: spec.drain.disruption: note: has an effect in a cluster only; bridge up does without it",
        f"{file}:9: spec.image: note: has an effect in a cluster only; bridge up does without it",
        "ok: pool default/demo",
    ]


def test_standard_input_is_a_dash() -> None:
    result = validate("-", given=SOUND + "  slots: 0\n")

    assert result.exit_code == 1
    assert result.output.startswith("-:9: spec.slots: ")


def test_the_same_pool_in_two_files_is_a_mistake(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(SOUND)
    second.write_text(SOUND)

    result = validate(str(first), str(second))

    assert result.exit_code == 1
    assert f"{second}:4: metadata.name: a pool called default/demo stands in {first} already" in result.output


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(None, "cannot be read: No such file or directory", id="missing"),
        pytest.param(b"\xff\xfe\x00", "is not text in UTF-8", id="not-text"),
        pytest.param(b"", "empty: a document of kind BridgeInstancePool is wanted", id="empty"),
        pytest.param(b"a: b: c", "not YAML", id="broken"),
    ],
)
def test_a_file_that_is_no_pool_file_is_one_mistake(file: Path, content: bytes | None, expected: str) -> None:
    if content is not None:
        file.write_bytes(content)

    result = validate(str(file))

    assert result.exit_code == 1
    assert result.output.startswith(f"{file}:1: ")
    assert expected in result.output
    assert len(result.output.splitlines()) == 1
