"""The directory that stands in for Secrets: what is missing is told once each time, and found as soon as it is there."""

from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.typing import EventDict

from bridge_api.pool import BridgeInstancePool
from bridge_operator.local.secrets import SecretsDir

KEY = ("default/demo", "home")


def pool(**profile: Any) -> BridgeInstancePool:
    spec = {
        "site": {"adapter": "arena", "url": "http://127.0.0.1:1"},
        "profiles": [{"name": "home", "proxySecret": "proxy-home", **profile}],
    }
    return BridgeInstancePool.model_validate({"metadata": {"name": "demo"}, "spec": spec})


def write(directory: Path, **values: str) -> None:
    secret = directory / "proxy-home"
    secret.mkdir(exist_ok=True)
    for key, value in values.items():
        (secret / key).write_text(value)


def levels(logged: list[EventDict]) -> list[str]:
    return [entry["log_level"] for entry in logged]


def test_a_missing_secret_is_an_error_once_and_no_obstacle_any_more_when_it_is_there(tmp_path: Path) -> None:
    secrets = SecretsDir(tmp_path)
    with structlog.testing.capture_logs() as logged:
        missing = [secrets.look([pool()]), secrets.look([pool()])]
        write(tmp_path, server="http://127.0.0.1:3128\n", username="u\n", password="canary\n")
        found = secrets.look([pool()])

    assert [seen[KEY].reason for seen in missing] == ["SecretMissing"] * 2
    assert str(tmp_path / "proxy-home" / "server") in missing[0][KEY].message
    assert found == {}
    assert levels(logged) == ["error", "info"]
    assert "canary" not in str(logged)


def test_one_that_goes_again_is_told_again(tmp_path: Path) -> None:
    write(tmp_path, server="http://127.0.0.1:3128")
    secrets = SecretsDir(tmp_path)
    with structlog.testing.capture_logs() as logged:
        assert secrets.look([pool()]) == {}
        (tmp_path / "proxy-home" / "server").unlink()
        assert KEY in secrets.look([pool()])

    assert levels(logged) == ["error"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        pytest.param({"server": ""}, "SecretMissing", id="an-empty-server"),
        pytest.param({"username": "u"}, "SecretMissing", id="no-server"),
        pytest.param({"server": "canary"}, "SecretInvalid", id="no-address"),
    ],
)
def test_a_secret_that_is_not_as_it_must_be_is_an_obstacle(
    tmp_path: Path, values: dict[str, str], reason: str
) -> None:
    write(tmp_path, **values)

    obstacle = SecretsDir(tmp_path).look([pool()])[KEY]

    assert obstacle.reason == reason
    assert "canary" not in obstacle.message


def test_a_key_that_is_not_text_is_named(tmp_path: Path) -> None:
    write(tmp_path, server="http://127.0.0.1:3128")
    (tmp_path / "proxy-home" / "password").write_bytes(b"\xff\xfe")

    obstacle = SecretsDir(tmp_path).look([pool()])[KEY]

    assert obstacle.reason == "SecretMissing"
    assert f"{tmp_path / 'proxy-home' / 'password'} cannot be read" in obstacle.message


def test_a_key_behind_the_links_of_a_mounted_secret_is_read(tmp_path: Path) -> None:
    version = tmp_path / "proxy-home" / "..2026_11_24"
    version.mkdir(parents=True)
    (version / "server").write_text("http://127.0.0.1:3128")
    (tmp_path / "proxy-home" / "..data").symlink_to("..2026_11_24")
    (tmp_path / "proxy-home" / "server").symlink_to("..data/server")

    assert SecretsDir(tmp_path).look([pool()]) == {}


def test_without_a_directory_the_flag_is_named() -> None:
    obstacle = SecretsDir(None).look([pool()])[KEY]

    assert obstacle.reason == "SecretMissing"
    assert "--secrets-dir DIR" in obstacle.message
    assert "DIR/proxy-home/server" in obstacle.message


def test_a_profile_without_a_proxy_needs_no_directory() -> None:
    secrets = SecretsDir(None)
    plain = pool(proxySecret=None)

    assert secrets.look([plain]) == {}
    assert secrets.proxy_dir(plain, "home") is None


def test_the_name_of_a_secret_is_no_way_out_of_the_directory(tmp_path: Path) -> None:
    assert SecretsDir(tmp_path).proxy_dir(pool(), "home") == tmp_path / "proxy-home"
    for name in ("../proxy", "a/b", "/etc", "."):
        with pytest.raises(ValueError, match="proxySecret"):
            pool(proxySecret=name)
