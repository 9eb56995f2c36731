"""kopf: hears that a pool has changed, and says so. Nothing is decided here, and no handler waits.

It runs in a thread of its own: what it does to its event loop at its end (it cancels every task there) stays its own affair.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import kopf

from bridge_api.names import GROUP, PLURAL, VERSION
from bridge_runtime.kube import Key
from bridge_runtime.logs import get_logger

LOGIN_RETRIES = 3
SERVER_TIMEOUT_SECONDS = 290
"""A whole number: the API server refuses another one."""

EXIT_SECONDS = 5.0
"""kopf takes 0.3 s to end, and after an API server's crash sometimes five."""

AGAIN_SECONDS = 5.0

log = get_logger("operator")


def make_registry(touched: Callable[[Key], None], *, in_cluster: bool) -> kopf.OperatorRegistry:
    """Make the handlers: `touched` is called in kopf's thread."""
    registry = kopf.OperatorRegistry()

    @kopf.on.event(GROUP, VERSION, PLURAL, registry=registry)
    async def pool_changed(namespace: str | None, name: str | None, **_: Any) -> None:
        if namespace and name:
            touched(Key(namespace, name))

    @kopf.on.login(registry=registry, retries=LOGIN_RETRIES)
    async def login(**kwargs: Any) -> kopf.ConnectionInfo | None:
        if in_cluster:
            return kopf.login_with_service_account(**kwargs)
        return kopf.login_with_kubeconfig(**kwargs)

    return registry


def make_settings() -> kopf.OperatorSettings:
    """Make kopf's settings: it writes nothing, and looks for no other resources and namespaces."""
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.watching.server_timeout = SERVER_TIMEOUT_SECONDS
    settings.peering.standalone = True
    settings.execution.max_workers = 1
    return settings


async def run_kopf(touched: Callable[[Key], None], namespaces: Sequence[str], *, in_cluster: bool) -> None:
    """Run kopf until cancelled, again whenever it ends by itself."""
    loop = asyncio.get_running_loop()

    def touched_there(key: Key) -> None:
        with suppress(RuntimeError):  # our loop has ended, and kopf not yet
            loop.call_soon_threadsafe(touched, key)

    registry = make_registry(touched_there, in_cluster=in_cluster)
    while True:
        why = await _run_once(registry, namespaces)
        log.error("kopf has ended by itself and is started again", why=why)
        await asyncio.sleep(AGAIN_SECONDS)


async def _run_once(registry: kopf.OperatorRegistry, namespaces: Sequence[str]) -> str:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[str] = loop.create_future()
    stop = threading.Event()

    def tell(how: str) -> None:
        if not ended.done():
            ended.set_result(how)

    def work() -> None:
        try:
            asyncio.run(_operator(registry, namespaces, stop))
            how = "it said nothing"
        except Exception as failed:  # noqa: BLE001 - whatever ends it, the thread that waits must know
            how = f"{type(failed).__name__}: {failed}"
        with suppress(RuntimeError):  # our loop did not wait for so long
            loop.call_soon_threadsafe(tell, how)

    threading.Thread(target=work, name="kopf", daemon=True).start()
    try:
        return await asyncio.shield(ended)
    finally:
        stop.set()
        await asyncio.wait([ended], timeout=EXIT_SECONDS)


async def _operator(
    registry: kopf.OperatorRegistry, namespaces: Sequence[str], stop: threading.Event
) -> None:
    everywhere = "" in namespaces
    await kopf.operator(
        registry=registry,
        settings=make_settings(),
        standalone=True,
        clusterwide=everywhere,
        namespaces=() if everywhere else tuple(namespaces),
        stop_flag=stop,
    )
