"""`bridge chat`: the answer to standard output, errors in one line."""

import pytest
from click.testing import CliRunner, Result

from bridge_api import sse
from bridge_cli.app import cli
from tests.unit.cli.router_double import Answer, RouterDouble, as_events, as_json, serving

CHAT = "/v1/chat/completions"


def content(text: str) -> bytes:
    return sse.encode({"choices": [{"index": 0, "delta": {"content": text}}]})


def chat(answer: Answer, *arguments: str) -> tuple[Result, RouterDouble]:
    with serving({CHAT: answer}) as double:
        result = CliRunner().invoke(cli, ["chat", "Hello", "--base-url", double.base_url, *arguments])
    return result, double


def test_the_streamed_answer_is_printed_whole() -> None:
    role = sse.encode({"choices": [{"index": 0, "delta": {"role": "assistant"}}]})

    result, double = chat(
        as_events(sse.PING, role, content("Good "), content("day 🌉"), sse.DONE), "--model", "m"
    )

    assert (result.exit_code, result.stdout) == (0, "Good day 🌉\n")
    assert double.bodies == [
        {"messages": [{"role": "user", "content": "Hello"}], "stream": True, "model": "m"}
    ]


def test_an_answer_that_is_not_streamed_is_printed_too() -> None:
    answer = as_json({"choices": [{"message": {"role": "assistant", "content": "Good day"}}]})

    result, double = chat(answer, "--no-stream", "--system", "Be kind.")

    assert (result.exit_code, result.stdout) == (0, "Good day\n")
    assert double.bodies[0]["stream"] is False
    assert double.bodies[0]["messages"][0] == {"role": "system", "content": "Be kind."}


def test_reasoning_is_not_part_of_what_a_program_reads() -> None:
    thought = sse.encode({"choices": [{"index": 0, "delta": {"reasoning_content": "hm"}}]})

    result, _ = chat(as_events(thought, content("yes"), sse.DONE))

    assert result.stdout == "yes\n"


ERROR = {
    "error": {
        "message": "A challenge\nis shown.",
        "type": "unavailable_error",
        "param": None,
        "code": "needs_human",
    }
}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(as_json(ERROR, 503), "needs_human (HTTP 503): A challenge is shown.", id="before"),
        pytest.param(
            as_events(content("Go"), sse.encode(ERROR)), "needs_human: A challenge is shown.", id="amid"
        ),
        pytest.param(as_events(content("Go")), "the answer broke off before it was whole", id="cut"),
        pytest.param(
            (502, "text/html", b"<p>Bad gateway"),
            "the answer is HTTP 502, and not one of the bridge",
            id="foreign",
        ),
    ],
)
def test_a_failure_is_one_line_with_its_code_and_exit_code_1(answer: Answer, expected: str) -> None:
    result, _ = chat(answer)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {expected}")
    assert len(result.stderr.splitlines()) == 1


def test_where_nothing_answers_the_way_to_start_it_is_said() -> None:
    with serving({}) as gone:
        pass

    result = CliRunner().invoke(cli, ["chat", "Hello", "--base-url", gone.base_url])

    assert result.exit_code == 1
    root = gone.base_url.removesuffix("/v1")
    assert result.stderr == f"Error: nothing answers at {root}; start it with: bridge up -f pool.yaml\n"


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIDGE_API_KEY", "bk-1")

    _, double = chat(as_events(content("a"), sse.DONE))

    assert double.authorizations == ["Bearer bk-1"]
