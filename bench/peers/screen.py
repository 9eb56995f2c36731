"""A screen for browsers with a window: Xvfb, which root gets from Debian where it is missing."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bench.support.command import say
from bench.support.systems import Log
from bench.support.waiting import until
from bridge_runtime.child import started

START_SECONDS: Final = 20.0
INSTALL: Final = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "xvfb")


def has_screen() -> bool:
    """Whether a window can be had; as root Debian's package is installed for it."""
    if shutil.which("Xvfb") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing Debian's xvfb, for the peer that has windows")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (("apt-get", "update", "-qq"), INSTALL):
            subprocess.run(
                command, check=False, env=environment, stdin=subprocess.DEVNULL, capture_output=True
            )
    return shutil.which("Xvfb") is not None


@asynccontextmanager
async def screen() -> AsyncIterator[dict[str, str]]:
    """Run Xvfb, and yield the environment of programs that use it."""
    log = Log()
    command = ("Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp")
    async with started("Xvfb", command, say=log.hear):
        number = await until(lambda: _number(log), within_seconds=START_SECONDS, what="a screen")
        yield {**os.environ, "DISPLAY": f":{number}"}


async def _number(log: Log) -> str | None:
    return next((line for line in log.lines if line.isdigit()), None)
