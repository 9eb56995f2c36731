"""Exit codes of the command line: 2 for wrong usage, 1 for files that cannot be run."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge_cli.app import cli


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["nonsense"], id="no-such-command"),
        pytest.param(["up"], id="up-without-a-file"),
        pytest.param(["up", "-f", "x", "--port", "99999"], id="port-out-of-range"),
        pytest.param(["chat"], id="chat-without-a-text"),
        pytest.param(["get", "pods"], id="get-of-something-else"),
        pytest.param(["models", "-o", "xml"], id="output-of-another-kind"),
        pytest.param(["models", "--base-url", "nonsense"], id="base-url-that-is-none"),
        pytest.param(["pool", "validate"], id="validate-without-a-file"),
    ],
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli, arguments).exit_code == 2


@pytest.mark.parametrize(
    "command",
    [
        ["up"],
        ["chat"],
        ["models"],
        ["get"],
        ["get", "pools"],
        ["get", "instances"],
        ["pool"],
        ["pool", "validate"],
    ],
)
def test_every_command_explains_itself(command: list[str]) -> None:
    result = CliRunner().invoke(cli, [*command, "--help"])

    assert result.exit_code == 0
    assert "Usage: " in result.output


def test_the_version_is_known() -> None:
    assert CliRunner().invoke(cli, ["--version"]).output.startswith("bridge ")


def test_up_names_every_mistake_and_starts_nothing(tmp_path: Path) -> None:
    file = tmp_path / "pool.yaml"
    file.write_text("metadata: {name: demo}\nspec:\n  site: {adapter: arena, url: nonsense}\n  slots: 0\n")

    result = CliRunner().invoke(cli, ["up", "-f", str(file)])

    assert result.exit_code == 1
    assert [line.split(": ")[:2] for line in result.stderr.splitlines()] == [
        [f"{file}:3", "spec.site.url"],
        [f"{file}:4", "spec.slots"],
    ]


def test_up_refuses_what_this_version_cannot_carry_out(tmp_path: Path) -> None:
    file = tmp_path / "pool.yaml"
    file.write_text("metadata: {name: demo}\nspec:\n  site: {adapter: webchat, url: 'http://127.0.0.1:1'}\n")

    result = CliRunner().invoke(cli, ["up", "-f", str(file)])

    assert result.exit_code == 1
    assert "no adapter 'webchat' here" in result.stderr
