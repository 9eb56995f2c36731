"""How an instance's traffic leaves: the proxy of its profile, read anew for each browser. It never changes by itself."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final

from bridge_api.proxy import Proxy, SecretUnusable
from bridge_browser.launching import CannotLaunch
from bridge_runtime.secret_dir import read_proxy

LOOK_SECONDS: Final = 2.0
"""How often the Secret is read while a browser runs: soon enough for a person who has put it right."""


class EgressChanged(Exception):
    """The Secret names another proxy, or other credentials, than the browser was started with."""


def read_egress(proxy_dir: Path | None) -> Proxy | None:
    """Read the proxy; None: the profile has none.

    Raises:
        CannotLaunch: It has one, but the Secret is not there or not as it must be.
    """
    if proxy_dir is None:
        return None
    try:
        return read_proxy(proxy_dir)
    except SecretUnusable as unusable:
        raise CannotLaunch(unusable.reason, unusable.message) from None


async def until_changed(proxy_dir: Path, egress: Proxy | None) -> None:
    """Wait until the Secret says something else that can be used; a running browser does without a missing one.

    Two looks must agree: its keys are files of their own, and somebody may be in the middle of writing them.
    """
    last = egress
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        with suppress(CannotLaunch):
            now = read_egress(proxy_dir)
            if now == last != egress:
                return
            last = now
