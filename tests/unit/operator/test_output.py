"""Lines of children, under their names."""

import json

import pytest

from bridge_operator.local.output import label_line


def test_for_people_a_line_stands_behind_its_childs_name() -> None:
    assert label_line("router", "it rains", as_json=False) == "router | it rains"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            '{"event": "it rains", "level": "info"}', {"event": "it rains", "level": "info"}, id="json"
        ),
        pytest.param("Traceback (most", {"event": "Traceback (most"}, id="text"),
        pytest.param("[1]", {"event": "[1]"}, id="json-but-no-object"),
    ],
)
def test_for_machines_a_line_stays_one_json_object(line: str, expected: dict[str, str]) -> None:
    assert json.loads(label_line("router", line, as_json=True)) == {**expected, "process": "router"}
