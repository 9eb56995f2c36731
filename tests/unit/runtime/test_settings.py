"""Settings: flag over environment over file over default, and mistakes that a person understands."""

from pathlib import Path

import pytest

from bridge_runtime.settings import PartSettings, read_settings


class ExampleSettings(PartSettings):
    """Settings of an example."""

    port: int = 1
    """A number."""

    names: list[str] = []
    """Several."""


@pytest.fixture
def settings_file(tmp_path: Path) -> str:
    path = tmp_path / "settings.yaml"
    path.write_text("port: 2\nhost: 127.0.0.2\n")
    return str(path)


def test_defaults_stand_where_nothing_is_said() -> None:
    assert read_settings(ExampleSettings, "example", []).port == 1


def test_the_file_is_over_the_default(settings_file: str) -> None:
    assert read_settings(ExampleSettings, "example", ["--settings-file", settings_file]).port == 2


def test_the_environment_is_over_the_file(settings_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIDGE_PORT", "3")
    monkeypatch.setenv("BRIDGE_SETTINGS_FILE", settings_file)

    settings = read_settings(ExampleSettings, "example", [])

    assert (settings.port, settings.host) == (3, "127.0.0.2")


def test_a_flag_is_over_everything(settings_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIDGE_PORT", "3")

    assert (
        read_settings(ExampleSettings, "example", ["--settings-file", settings_file, "--port", "4"]).port == 4
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(
            ["--port", "many"], "example: --port: Input should be a valid integer", id="not-a-number"
        ),
        pytest.param(["--nonsense"], "unrecognized arguments: --nonsense", id="no-such-flag"),
    ],
)
def test_a_mistake_ends_with_code_2_and_a_plain_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings(ExampleSettings, "example", arguments)

    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_a_list_in_the_environment_that_is_no_json_is_a_plain_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BRIDGE_NAMES", "a,b")

    with pytest.raises(SystemExit) as ended:
        read_settings(ExampleSettings, "example", [])

    assert ended.value.code == 2
    assert 'written as JSON: ["a", "b"]' in capsys.readouterr().err


def test_help_tells_each_setting_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings(ExampleSettings, "example", ["--help"])

    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert "Settings of an example." in told
    assert "A number. (default: 1)" in told
