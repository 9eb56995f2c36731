"""A child process: what it says is heard, and nothing of it is left."""

import sys
from collections.abc import Callable

import psutil
import pytest

from bridge_runtime.child import NotListening, started
from bridge_runtime.family import is_alive
from tests.integration.local.stage import eventually

SPAWN = """\
import subprocess, sys
orphan = subprocess.Popen(["sleep", "60"], start_new_session=True)
print(orphan.pid, flush=True)
"""
LISTEN = 'print(\'{"url": "http://127.0.0.1:1", "metricsUrl": "http://127.0.0.1:2"}\', flush=True)\n'


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


@pytest.mark.parametrize(
    "ending", [pytest.param("", id="by-itself"), pytest.param("import time; time.sleep(60)", id="by-us")]
)
async def test_what_a_child_has_started_ends_with_it_even_in_another_session(ending: str) -> None:
    said: list[str] = []
    async with started("x", python(SPAWN + ending), say=lambda _, line: said.append(line)):
        await eventually(lambda: said, "the child of the child")
        orphan = psutil.Process(int(said[0]))
        assert is_alive(orphan)

    assert not is_alive(orphan)


async def test_it_says_where_it_listens_and_its_other_lines_are_passed_on() -> None:
    said: list[tuple[str, str]] = []
    source = f"import sys\nprint('first')\n{LISTEN}print('a\\n\\nb', file=sys.stderr)"

    async with started("x", python(source), say=lambda *line: said.append(line)) as child:
        listening = await child.listening(20)
        code = await child.wait()

    assert code == 0
    assert (listening.url, listening.metrics_url) == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert sorted(said) == [("x", "a"), ("x", "b"), ("x", "first")]


@pytest.mark.parametrize(
    ("source", "seconds", "expected"),
    [
        pytest.param("raise SystemExit(3)", 20, r"x ended before it listened \(exit code 3\)", id="it-ends"),
        pytest.param("import time; time.sleep(60)", 0.1, "x did not listen within 0.1 s", id="it-is-silent"),
    ],
)
async def test_a_child_that_does_not_listen_is_said_to(source: str, seconds: float, expected: str) -> None:
    ignore: Callable[[str, str], None] = lambda *_: None  # noqa: E731 - one line says it
    async with started("x", python(source), say=ignore) as child:
        with pytest.raises(NotListening, match=expected):
            await child.listening(seconds)
