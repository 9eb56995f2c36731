"""A private network for this process and all that it starts, in which every pod IP is an address of its own.

EndpointSlices refuse loopback addresses, so pods need others; in a network namespace nobody else can reach them.
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

POD_NETWORK = "10.244.0.0/16"
OWN_NETWORK = "/proc/thread-self/ns/net"
CLONE_NEWNET = 0x40000000  # unshare(2)
WHAT_TO_DO = (
    "The tests against a real Kubernetes API make a network namespace for their pods: run them as root on Linux, "
    "with iproute2 installed (on Debian: apt-get install iproute2), or leave them out: BRIDGE_SKIP_KUBERNETES=1"
)


class NoNetwork(Exception):
    """A network namespace is not to be had here; the text says what to do."""


@contextmanager
def private_network() -> Iterator[None]:
    """Take the calling thread into a network namespace of its own, and back again.

    Threads and processes that it starts meanwhile are in there too. The namespace ends with the last of them.
    """
    if shutil.which("ip") is None:
        raise NoNetwork(f"There is no `ip` here. {WHAT_TO_DO}")
    before = os.open(OWN_NETWORK, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _call("unshare", CLONE_NEWNET)
        try:
            _ip("link", "set", "lo", "up")
            _ip("route", "add", "local", POD_NETWORK, "dev", "lo")
            yield
        finally:
            _call("setns", before, CLONE_NEWNET)
    finally:
        os.close(before)


def _call(function: str, *arguments: int) -> None:
    """Call the C library: Python has these two from 3.12 on."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments) != 0:
        raise NoNetwork(f"{function}: {os.strerror(ctypes.get_errno())}. {WHAT_TO_DO}")


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False, timeout=10)
    if done.returncode != 0:
        raise NoNetwork(f"ip {' '.join(arguments)}: {done.stderr.strip()}. {WHAT_TO_DO}")
