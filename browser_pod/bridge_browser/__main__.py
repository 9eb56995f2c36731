"""Start a browser pod: `python -m bridge_browser --pool-file pool.yaml --instance NAME`."""

import asyncio
import os
import secrets
import sys
import tempfile

import uvloop

from bridge_api.conversation import conversation_secret
from bridge_api.sites.arena import ArenaSettings
from bridge_api.wire.local import Listening
from bridge_browser.app import make_app
from bridge_browser.chat_api import ChatApi
from bridge_browser.driver_environment import set_driver_environment
from bridge_browser.instance import Instance, Place
from bridge_browser.intake import Intake
from bridge_browser.life import GivenUp
from bridge_browser.live_pool import LivePool
from bridge_browser.settings import BrowserSettings
from bridge_browser.start import CannotStart, pool_file, read_pool, read_token
from bridge_browser.status_api import StatusApi
from bridge_runtime.lifeline import Ending, watch_for_ending
from bridge_runtime.logs import configure_logs, get_logger
from bridge_runtime.probes import Probes, probes_listener
from bridge_runtime.serving import CannotListen, serve
from bridge_runtime.settings import read_settings

log = get_logger("instance")


def main() -> None:
    settings = read_settings(BrowserSettings, "python -m bridge_browser")
    configure_logs(level=settings.log_level, json=settings.log_format == "json")
    set_driver_environment()
    try:
        pool = LivePool(read_pool(settings.pool_file))
        token = read_token(settings.token_file, settings.host)
        # Browsers leave files behind when they are killed: all of them go with this folder.
        with tempfile.TemporaryDirectory(prefix="bridge-browser-", ignore_cleanup_errors=True) as scratch:
            os.environ["TMPDIR"] = scratch
            code = uvloop.run(_run(settings, pool, token))
    except (CannotStart, CannotListen) as refused:
        sys.exit(f"python -m bridge_browser: {refused}")
    sys.exit(code)


async def _run(settings: BrowserSettings, pool: LivePool, token: str | None) -> int:
    ending = watch_for_ending(lifeline=settings.lifeline)
    place = Place(
        settings.instance,
        secrets.token_hex(8),
        settings.chromium,
        settings.client_buffer_bytes,
        profile=settings.profile,
        proxy_dir=settings.proxy_dir,
    )
    instance = Instance(pool, place)
    longest = ArenaSettings.model_validate(pool.spec.site.settings).max_message_characters
    intake = Intake(pool, longest, conversation_secret(token))
    chats = ChatApi(instance, intake, slow_client_seconds=settings.slow_client_seconds)
    app = make_app(chats, StatusApi(instance, intake), token)
    async with (
        probes_listener(
            _probes(instance), instance.metrics.registry, host=settings.host, port=settings.metrics_port
        ) as metrics_port,
        # A chat has ended when its slot has; its client may still be reading, and gets the rest.
        serve(
            app, host=settings.host, port=settings.port, shutdown_seconds=settings.slow_client_seconds
        ) as port,
    ):
        instance.board.metrics_port = metrics_port
        _announce(settings.host, port, metrics_port)
        watching = asyncio.create_task(pool_file(settings.pool_file, pool).watch())
        try:
            return await _live(instance, ending)
        finally:
            watching.cancel()
            await asyncio.wait([watching])


async def _live(instance: Instance, ending: Ending) -> int:
    """Live until asked to end or of no use any more; let running chats finish, close the browser, return the exit code."""
    life = asyncio.create_task(instance.live())
    failing = asyncio.create_task(instance.failing())
    asked = asyncio.create_task(ending.drain.wait())
    try:
        await asyncio.wait([life, failing, asked], return_when=asyncio.FIRST_COMPLETED)
        given_up = failing.result() if failing.done() else None
        if given_up is not None:
            log.error(
                "the instance gives up: it is to be replaced", reason=given_up.reason, why=given_up.message
            )
        if not life.done():
            await _drain(instance, ending, given_up.reason if given_up else "")
    finally:
        for task in (asked, failing):
            task.cancel()
        if ending.now.is_set():
            instance.kill()
        ended_well = await _ended(life)
    log.info("ended")
    return 0 if ended_well and given_up is None else 1


async def _ended(life: "asyncio.Task[None]") -> bool:
    """End a life, and say whether it had not given up by itself."""
    life.cancel()
    try:
        await life
    except asyncio.CancelledError:
        return True
    except GivenUp as given_up:
        log.error("the instance gives up: it is to be replaced", reason=given_up.reason, why=given_up.message)  # noqa: TRY400 - the message says all
    return False


async def _drain(instance: Instance, ending: Ending, reason: str) -> None:
    log.info("draining", reason=reason)
    drained = asyncio.create_task(instance.drained(reason))
    at_once = asyncio.create_task(ending.now.wait())
    await asyncio.wait(
        [drained, at_once],
        timeout=instance.pool.spec.drain.timeout_seconds,
        return_when=asyncio.FIRST_COMPLETED,
    )
    for task in (drained, at_once):
        task.cancel()


def _probes(instance: Instance) -> Probes:
    def ready() -> tuple[bool, str]:
        status = instance.status()
        return status.ready, "ready" if status.ready else "no slot is ready or busy, or it is on its way out"

    def started() -> tuple[bool, str]:
        return instance.board.started, "started" if instance.board.started else "starting"

    return Probes(live=lambda: (True, "alive"), ready=ready, started=started)


def _announce(host: str, port: int, metrics_port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    listening = Listening(url=f"http://{shown}:{port}", metrics_url=f"http://{shown}:{metrics_port}")
    print(listening.model_dump_json(by_alias=True), flush=True)  # noqa: T201 - the one line that is asked for


if __name__ == "__main__":
    main()
