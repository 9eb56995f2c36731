"""The stage itself: the network in which pods have addresses, and that it ends with the tests that need it."""

import socket
from pathlib import Path

import pytest

from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.network import OWN_NETWORK, private_network


def own_network() -> Path:
    return Path(OWN_NETWORK).readlink()


def test_every_pod_address_is_one_of_this_machines_and_told_apart(control_plane: ControlPlane) -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        port = server.getsockname()[1]
        for address in ("10.244.0.1", "10.244.255.254"):
            with socket.create_connection((address, port), timeout=5):
                accepted, _ = server.accept()
                with accepted:
                    assert accepted.getsockname() == (address, port)


def test_after_a_private_network_the_one_before_is_back(control_plane: ControlPlane) -> None:
    before = own_network()

    with private_network():
        assert own_network() != before

    assert own_network() == before


def test_the_control_plane_ends_with_this_folder_and_not_with_the_session(
    request: pytest.FixtureRequest,
) -> None:
    """Pytest takes a folder without `__init__.py` for no package, and ends what is shared with the session."""
    package = request.node.getparent(pytest.Package)

    assert package is not None
    assert package.path.name == "cluster"
