"""The Secret of a proxy: what its keys may say, and that no message or representation quotes them."""

import pytest

from bridge_api.proxy import Proxy, SecretUnusable, parse_proxy

SERVER = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"server": SERVER}, Proxy(SERVER), id="without-credentials"),
        pytest.param({"server": SERVER + "/"}, Proxy(SERVER), id="with-a-slash"),
        pytest.param({"server": "socks5://10.0.0.1:1080"}, Proxy("socks5://10.0.0.1:1080"), id="socks5"),
        pytest.param({"server": "https://[::1]:443"}, Proxy("https://[::1]:443"), id="ipv6"),
        pytest.param(
            {"server": SERVER, "username": "u", "password": "p"}, Proxy(SERVER, "u", "p"), id="credentials"
        ),
        pytest.param({"server": SERVER, "username": "u"}, Proxy(SERVER, "u"), id="a-name-alone"),
        pytest.param({"server": SERVER, "username": "", "password": ""}, Proxy(SERVER), id="empty-ones"),
    ],
)
def test_a_sound_secret_is_read(values: dict[str, str], expected: Proxy) -> None:
    assert parse_proxy(values, "secrets/home") == expected


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param({"server": "canary:3128"}, "secrets/home/server must be", id="no-scheme"),
        pytest.param({"server": "ftp://canary:3128"}, "secrets/home/server must be", id="another-scheme"),
        pytest.param({"server": "http://canary"}, "secrets/home/server must be", id="no-port"),
        pytest.param({"server": "http://canary:0"}, "secrets/home/server must be", id="port-0"),
        pytest.param({"server": "http://canary:70000"}, "secrets/home/server must be", id="port-too-high"),
        pytest.param(
            {"server": "http://canary:canary@proxy.example:3128"},
            "keys of their own",
            id="credentials-in-the-address",
        ),
        pytest.param({"server": "http://canary:80/path"}, "secrets/home/server must be", id="a-path"),
        pytest.param({"server": "http://canary:80 --x"}, "secrets/home/server must be", id="more-words"),
        pytest.param({"server": SERVER, "password": "canary"}, "without a username", id="half-credentials"),
        pytest.param(
            {"server": "socks5://proxy.example:1080", "username": "canary"},
            "none for socks5",
            id="socks5-auth",
        ),
    ],
)
def test_a_mistake_is_named_by_its_place_and_never_quoted(values: dict[str, str], told: str) -> None:
    with pytest.raises(SecretUnusable) as caught:
        parse_proxy(values, "secrets/home")

    assert caught.value.reason == "SecretInvalid"
    assert told in caught.value.message
    assert "canary" not in str(caught.value)


def test_credentials_show_in_no_representation() -> None:
    assert "canary" not in repr(Proxy(SERVER, "canary-name", "canary-password"))
