"""What is done with the registry file as it is read."""

from pathlib import Path

import pytest

from bridge_api.wire.local import Registry
from bridge_router.discovery import registry_file
from tests.unit.router.worlds import make_resource

GOOD = Registry(pools=[make_resource()], endpoints=[])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.json"


def test_a_file_that_is_not_there_yet_changes_nothing(path: Path) -> None:
    applied: list[Registry] = []

    registry_file(path, applied.append).read()

    assert applied == []


def test_a_good_file_is_applied_once(path: Path) -> None:
    applied: list[Registry] = []
    file = registry_file(path, applied.append)
    path.write_text(GOOD.model_dump_json(by_alias=True))

    file.read()
    file.read()

    assert [registry.pools[0].key for registry in applied] == ["default/demo"]


@pytest.mark.parametrize("content", [b"{", b'{"pools": [{}], "endpoints": []}', b"", b"\xff\xfe"])
def test_a_bad_file_leaves_what_was_there(path: Path, content: bytes) -> None:
    applied: list[Registry] = []
    file = registry_file(path, applied.append)
    path.write_bytes(content)
    file.read()
    assert applied == []

    path.write_text(GOOD.model_dump_json(by_alias=True))
    file.read()

    assert len(applied) == 1
