"""Look whether an address is free before anything is started, so that a port in use is one clear sentence."""

import errno
import socket


class AddressRefused(Exception):
    """The address cannot be listened on; the message says what to do."""


def check_address(host: str, port: int) -> None:
    """Try to listen, and stop again.

    Raises:
        AddressRefused: It is in use, or not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as refused:
        raise AddressRefused(_advice(host, port, refused)) from refused


def _advice(host: str, port: int, refused: OSError) -> str:
    if refused.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is in use: stop what listens there, or choose another one with --port "
            "(0 takes a free one)"
        )
    if refused.errno == errno.EACCES:
        return f"port {port} on {host} is not allowed to this user: choose one above 1023 with --port"
    return (
        f"cannot listen on {host}:{port} ({refused.strerror}): choose an address of this machine with --host"
    )
