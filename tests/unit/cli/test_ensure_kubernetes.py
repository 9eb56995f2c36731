"""hack/ensure_kubernetes.py: where the Kubernetes binaries are looked for, and what is said without them."""

from pathlib import Path

import pytest
from hack.ensure_kubernetes import NAMES, cache_folder, find_binaries, main, missing_binaries
from hack.kubernetes_build import staging_modules, version_flags


def programs(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch(mode=0o755)
    return folder


@pytest.fixture(autouse=True)
def nothing_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BRIDGE_SKIP_KUBERNETES", raising=False)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A machine without any of them."""
    return {
        "KUBEBUILDER_ASSETS": str(tmp_path / "assets"),
        "PATH": str(tmp_path / "path"),
        "XDG_CACHE_HOME": str(tmp_path / "caches"),
    }


def test_the_order_is_assets_path_cache(environment: dict[str, str]) -> None:
    cache = programs(cache_folder(environment), *NAMES)
    assert {path.parent for path in find_binaries(environment).values()} == {cache}

    path = programs(Path(environment["PATH"]), *NAMES)
    assert {found.parent for found in find_binaries(environment).values()} == {path}

    assets = programs(Path(environment["KUBEBUILDER_ASSETS"]), *NAMES)
    assert {found.parent for found in find_binaries(environment).values()} == {assets}


def test_what_must_be_of_one_version_comes_from_one_place(environment: dict[str, str]) -> None:
    programs(Path(environment["PATH"]), "etcd", "kubectl")
    cache = programs(cache_folder(environment), *NAMES)

    found = find_binaries(environment)

    assert found["etcd"].parent == Path(environment["PATH"])
    assert found["kubectl"].parent == found["kube-apiserver"].parent == cache


def test_a_file_that_cannot_be_run_is_no_program(environment: dict[str, str]) -> None:
    programs(cache_folder(environment), *NAMES)
    (cache_folder(environment) / "etcd").chmod(0o644)

    assert missing_binaries(environment) == ["etcd"]


def test_the_check_says_what_is_missing_and_what_to_do(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for key, value in environment.items():
        monkeypatch.setenv(key, value)

    assert main(["--check"]) == 1

    said = capsys.readouterr().err
    assert "missing: etcd, kube-apiserver, kube-controller-manager, kubectl" in said
    for way in ("install Go", "KUBEBUILDER_ASSETS=", "BRIDGE_SKIP_KUBERNETES=1"):
        assert way in said


def test_without_go_nothing_is_built_and_the_ways_out_are_named(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for key, value in environment.items():
        monkeypatch.setenv(key, value)

    assert main([]) == 1

    assert "Go is not here" in (said := capsys.readouterr().err)
    assert "install Go" in said


def test_a_failed_build_leaves_nothing_and_tells_why(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    go = programs(Path(environment["PATH"]), "go") / "go"
    go.write_text("#!/bin/sh\necho 'no such module' >&2\nexit 1\n")
    for key, value in environment.items():
        monkeypatch.setenv(key, value)

    assert main([]) == 1

    assert "no such module" in capsys.readouterr().err
    assert [path.name for path in cache_folder(environment).iterdir()] == [".lock"]


def test_an_explicit_setting_builds_nothing(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BRIDGE_SKIP_KUBERNETES", "1")
    for key, value in environment.items():
        monkeypatch.setenv(key, value)

    assert main([]) == 0

    assert "left out" in capsys.readouterr().out


def test_the_modules_that_kubernetes_keeps_in_its_own_repository_are_replaced() -> None:
    go_mod = {
        "Replace": [
            {"Old": {"Path": "k8s.io/api"}, "New": {"Path": "./staging/src/k8s.io/api"}},
            {"Old": {"Path": "example.org/other"}, "New": {"Path": "example.org/fork", "Version": "v1.0.0"}},
        ]
    }

    assert staging_modules(go_mod) == ["k8s.io/api"]
    assert staging_modules({"Replace": None}) == []


def test_the_version_is_linked_in() -> None:
    flags = version_flags("1.36.3")

    assert "-X k8s.io/component-base/version.gitVersion=v1.36.3" in flags
    assert "gitMinor=36" in flags
