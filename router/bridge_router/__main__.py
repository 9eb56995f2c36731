"""`python -m bridge_router`: balance OpenAI API requests over browser instances until told to end."""

import asyncio
import sys
from contextlib import suppress

import uvloop

from bridge_api.addresses import is_loopback
from bridge_api.wire.local import Listening
from bridge_router.app import make_app, running_router
from bridge_router.core.access import AccessPolicy, BadKeysFile, parse_keys
from bridge_router.discovery.source import check_source
from bridge_router.router import Router
from bridge_router.settings import CannotStart, RouterSettings
from bridge_router.tokens import Tokens
from bridge_runtime.lifeline import Ending, watch_for_ending
from bridge_runtime.logs import configure_logs, get_logger
from bridge_runtime.probes import Probes, probes_listener
from bridge_runtime.serving import CannotListen, serve
from bridge_runtime.settings import read_settings

PROGRAM = "python -m bridge_router"
FAREWELL_SECONDS = 2.0
"""For connections without a chat on them, such as the load feed, to end by themselves."""

_log = get_logger("router")


def main() -> None:
    """Run the router."""
    settings = read_settings(RouterSettings, PROGRAM)
    configure_logs(level=settings.log_level, json=settings.log_format == "json")
    try:
        check_source(settings)
        policy, tokens = _read_access(settings)
        uvloop.run(_run(settings, policy, tokens))
    except CannotStart as refused:
        _complain(refused)
        raise SystemExit(2) from None
    except CannotListen as taken:
        _complain(taken)
        raise SystemExit(1) from None


def _read_access(settings: RouterSettings) -> tuple[AccessPolicy, Tokens]:
    origins = frozenset(settings.allowed_origins)
    try:
        tokens = Tokens.read(settings.master_token_file)
        if settings.api_keys_file is not None:
            keys = parse_keys(settings.api_keys_file.read_text(encoding="utf-8"))
            return AccessPolicy(keys, origins), tokens
    except BadKeysFile as bad:
        raise CannotStart(f"{settings.api_keys_file}: {bad}") from None
    except (OSError, ValueError) as unreadable:
        raise CannotStart(str(unreadable)) from None
    if not is_loopback(settings.host):
        raise CannotStart(
            f"without API keys the router listens on loopback only, not on {settings.host}: name a file of keys with "
            "--api-keys-file or BRIDGE_API_KEYS_FILE (a line is a name and the key's SHA-256), or leave --host at 127.0.0.1"
        )
    return AccessPolicy((), origins), tokens


async def _run(settings: RouterSettings, policy: AccessPolicy, tokens: Tokens) -> None:
    ending = watch_for_ending(lifeline=settings.lifeline)
    async with running_router(settings, policy, tokens) as router:
        probes = probes_listener(
            _make_probes(router), router.metrics.registry, host=settings.host, port=settings.metrics_port
        )
        app = serve(
            make_app(router), host=settings.host, port=settings.port, shutdown_seconds=FAREWELL_SECONDS
        )
        async with probes as metrics_port, app as port:
            _announce(settings.host, port, metrics_port)
            await ending.drain.wait()
            await _drain(router, ending)


async def _drain(router: Router, ending: Ending) -> None:
    """Take no new chats and wait for those under way, as long as the most patient pool allows."""
    router.running.draining = True
    router.dispatcher.drain()
    specs = [pool.resource.spec for pool in router.dispatcher.pools.values()]
    longest = max((spec.drain.timeout_seconds for spec in specs), default=0)
    _log.info("draining", running=len(router.running), timeout_seconds=longest)
    over = asyncio.create_task(router.running.none())
    now = asyncio.create_task(ending.now.wait())
    try:
        await asyncio.wait({over, now}, timeout=longest, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (over, now):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    if router.running:
        _log.warning("ending with chats under way", running=len(router.running))
        router.running.cancel_all()
    router.running.feeds_end.set()
    router.dispatcher.changes.note()


def _make_probes(router: Router) -> Probes:
    def live() -> tuple[bool, str]:
        return True, "the router answers"

    def ready() -> tuple[bool, str]:
        if router.running.draining:
            return False, "draining"
        if not router.dispatcher.registry_seen:
            return False, router.source.waits_for()
        return True, f"{len(router.dispatcher.pools)} pools"

    return Probes(live=live, ready=ready, started=ready)


def _announce(host: str, port: int, metrics_port: int) -> None:
    name = f"[{host}]" if ":" in host else host
    listening = Listening(url=f"http://{name}:{port}", metrics_url=f"http://{name}:{metrics_port}")
    print(listening.model_dump_json(by_alias=True), flush=True)  # noqa: T201 - the line that the parent waits for


def _complain(error: Exception) -> None:
    print(f"{PROGRAM}: {error}", file=sys.stderr)  # noqa: T201 - before and after logs make sense


if __name__ == "__main__":
    main()
