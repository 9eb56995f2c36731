"""How `python -m bridge_operator` answers wrong usage."""

import sys

import pytest

from bridge_operator.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["--file=pool.yaml"], "--file is for --local", id="a-file-in-a-cluster"),
        pytest.param(["--local"], "--file: at least one pool file is wanted", id="without-a-file"),
    ],
)
def test_wrong_usage_is_said_and_is_2(
    arguments: list[str], expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bridge_operator", *arguments])

    assert main() == 2
    assert expected in capsys.readouterr().err
