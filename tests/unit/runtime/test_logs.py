"""Logs tell where a defect is, and never what somebody wrote."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from bridge_runtime.logs import configure_logs, get_logger

CANARY = "canary-77"


@pytest.fixture
def _logs_as_before() -> Iterator[None]:
    """Give the loggers back as they were: configuring them is for a whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def one_on_top_of_another() -> Exception:
    error = RuntimeError(f"on top of {CANARY}")
    error.__cause__ = ValueError(CANARY)
    return error


def several_at_once() -> Exception:
    return ExceptionGroup(CANARY, [KeyError(CANARY), OSError(CANARY)])


@pytest.mark.usefixtures("_logs_as_before")
@pytest.mark.parametrize(
    ("error", "types"),
    [
        pytest.param(one_on_top_of_another(), ["builtins.RuntimeError", "builtins.ValueError"], id="caused"),
        pytest.param(
            several_at_once(),
            ["builtins.ExceptionGroup", "builtins.KeyError", "builtins.OSError"],
            id="group",
        ),
    ],
)
def test_a_logged_exception_shows_types_and_places_and_quotes_nothing(
    error: Exception, types: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(level="debug", json=True)

    def fail() -> None:
        raise error

    try:
        fail()
    except type(error):
        get_logger("test").exception("defect")

    lines = capsys.readouterr().err
    assert CANARY not in lines
    assert [name for name in types if name not in lines] == []
    assert "in fail" in lines
