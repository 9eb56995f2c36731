"""Which namespaces a process looks after."""

from pathlib import Path

import pytest

from bridge_runtime.kube.namespaces import own_namespace, watched_namespaces


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param([], [], id="none-is-named"),
        pytest.param(["b", "a", "b"], ["b", "a"], id="each-once"),
        pytest.param(["a", "*"], [""], id="a-star-is-all"),
    ],
)
def test_namespaces_are_watched_as_they_are_named(wanted: list[str], expected: list[str]) -> None:
    assert watched_namespaces(wanted) == expected


def test_a_pod_knows_its_namespace_and_another_process_has_none(tmp_path: Path) -> None:
    told = tmp_path / "namespace"
    assert own_namespace(told) is None
    told.write_text("team\n")
    assert own_namespace(told) == "team"
