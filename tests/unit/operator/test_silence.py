"""Silence is told once it has lasted, and again when its cause is another one."""

import aiohttp
import pytest
from pydantic import TypeAdapter, ValidationError

from bridge_operator.silence import LASTING_SECONDS, Silence, in_words


def test_a_silence_is_told_once_it_has_lasted_and_not_at_each_try():
    silence = Silence()
    times = [0.0, 1.0, LASTING_SECONDS, LASTING_SECONDS + 1]
    assert [silence.is_news("no answer", now) for now in times] == [False, False, True, False]
    assert silence.is_news("HTTP status 401", LASTING_SECONDS + 2), "another cause"


def test_who_has_been_heard_is_silent_anew():
    silence = Silence()
    silence.is_news("no answer", 0.0)
    silence.is_news("no answer", LASTING_SECONDS)
    silence.broken()
    assert silence.told == ""
    assert not silence.is_news("no answer", LASTING_SECONDS + 1)


def a_validation_error() -> ValidationError:
    try:
        TypeAdapter(int).validate_python("secret")
    except ValidationError as failed:
        return failed
    raise AssertionError


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        (None, "ended"),
        (TimeoutError(), "does not answer"),
        (ConnectionRefusedError(), "cannot be connected"),
        (a_validation_error(), "not understood"),
        (ValueError("it says that it is b"), "it says that it is b"),
        (aiohttp.ServerTimeoutError(), "does not answer"),
    ],
)
def test_why_is_said_in_words(failed: BaseException | None, words: str):
    assert words in in_words(failed)
    assert "secret" not in in_words(failed)
