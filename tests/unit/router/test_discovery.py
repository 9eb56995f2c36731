"""What is done with the registry file as it is read, which settings name exactly one source, and what the router is called."""

import socket
from pathlib import Path

import pytest

from bridge_api.wire.local import Registry
from bridge_router.app import name_of
from bridge_router.discovery.registry_file import RegistryFile
from bridge_router.discovery.source import check_source
from bridge_router.settings import CannotStart, RouterSettings
from tests.unit.router.worlds import make_resource

GOOD = Registry(pools=[make_resource()], endpoints=[])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.json"


def test_a_file_that_is_not_there_yet_changes_nothing(path: Path) -> None:
    applied: list[Registry] = []

    RegistryFile(path, applied.append).file.read()

    assert applied == []


def test_a_good_file_is_applied_once(path: Path) -> None:
    applied: list[Registry] = []
    file = RegistryFile(path, applied.append).file
    path.write_text(GOOD.model_dump_json(by_alias=True))

    file.read()
    file.read()

    assert [registry.pools[0].key for registry in applied] == ["default/demo"]


@pytest.mark.parametrize("content", [b"{", b'{"pools": [{}], "endpoints": []}', b"", b"\xff\xfe"])
def test_a_bad_file_leaves_what_was_there(path: Path, content: bytes) -> None:
    applied: list[Registry] = []
    file = RegistryFile(path, applied.append).file
    path.write_bytes(content)
    file.read()
    assert applied == []

    path.write_text(GOOD.model_dump_json(by_alias=True))
    file.read()

    assert len(applied) == 1


@pytest.mark.parametrize(
    "settings",
    [{"registry_file": "registry.json"}, {"kubernetes": True}, {"kubernetes": True, "namespaces": ["*"]}],
)
def test_one_source_is_enough(settings: dict[str, object]) -> None:
    check_source(RouterSettings.model_validate(settings))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({}, "where are the instances", id="none"),
        pytest.param({"registry_file": "r.json", "kubernetes": True}, "give one of them", id="two"),
        pytest.param({"registry_file": "r.json", "kubeconfig": "k"}, "go with --kubernetes", id="kubeconfig"),
        pytest.param(
            {"registry_file": "r.json", "namespaces": ["a"]}, "go with --kubernetes", id="namespaces"
        ),
    ],
)
def test_no_source_two_or_half_a_one_is_a_mistake(settings: dict[str, object], said: str) -> None:
    with pytest.raises(CannotStart, match=said):
        check_source(RouterSettings.model_validate(settings))


def test_replicas_of_one_deployment_have_names_of_their_own() -> None:
    assert name_of(RouterSettings(kubernetes=True)) == socket.gethostname()
    assert name_of(RouterSettings(kubernetes=True, router_name="front")) == "front"
    assert name_of(RouterSettings()) == "router"
