"""How an instance's traffic leaves: the proxy of its profile, read anew for each browser. It never changes by itself."""

from pathlib import Path

from bridge_api.proxy import Proxy, SecretUnusable
from bridge_browser.browser import CannotLaunch
from bridge_runtime.secret_dir import read_proxy


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
