"""A local run from start to end: check, start, follow the files, drain, and leave nothing behind."""

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from bridge_api.pool_files import PoolFiles
from bridge_api.wire.local import Listening
from bridge_operator.local.address import AddressRefused, check_address
from bridge_operator.local.commands import Commands
from bridge_operator.local.leaving import leave
from bridge_operator.local.metrics import make_metrics, make_probes
from bridge_operator.local.output import announce, make_say
from bridge_operator.local.pool_files import read_pool_files, watch_pool_files
from bridge_operator.local.router_child import RouterChild, RouterFailed
from bridge_operator.local.run_dir import run_dir
from bridge_operator.local.secrets import SecretsDir
from bridge_operator.local.supervisor import Supervisor, World
from bridge_operator.settings import OperatorSettings
from bridge_runtime.child import Say
from bridge_runtime.lifeline import Ending, watch_for_ending
from bridge_runtime.logs import get_logger
from bridge_runtime.probes import probes_listener
from bridge_runtime.serving import CannotListen

READ_BUFFER_BYTES = 1 << 20
"""Holds a status line whole; a site's list of models makes it long."""

log = get_logger("operator")


async def run_backend(settings: OperatorSettings) -> int:
    """Run until asked to end, and return the exit code."""
    ending = watch_for_ending(lifeline=settings.lifeline)
    files = read_pool_files(settings.file)
    if files.obstacles:
        for obstacle in files.obstacles:
            log.error(str(obstacle))
        return 1
    try:
        check_address(settings.host, settings.port)
        return await _run(settings, files, ending)
    except (AddressRefused, CannotListen) as refused:
        log.error(str(refused))  # noqa: TRY400 - a person's to mend: the message says how, a traceback does not
        return 1


async def _run(settings: OperatorSettings, files: PoolFiles, ending: Ending) -> int:
    say = make_say(as_json=settings.log_format == "json")
    rng = random.SystemRandom()
    with run_dir(settings.run_dir) as directory:
        commands = Commands(directory, settings.host, settings.log_level, settings.log_format)
        async with aiohttp.ClientSession(read_bufsize=READ_BUFFER_BYTES) as session:
            router = RouterChild(commands.router, session, rng=rng, clock=time.monotonic)
            world = World(
                directory,
                commands,
                session,
                say,
                rng,
                time.monotonic,
                epoch=int(time.time()),
                secrets=SecretsDir(settings.secrets_dir),
            )
            supervisor = Supervisor(world)
            _want(supervisor, files)
            probes = probes_listener(
                make_probes(router), make_metrics(supervisor), host=settings.host, port=settings.metrics_port
            )
            async with probes as metrics_port:
                host = f"[{settings.host}]" if ":" in settings.host else settings.host
                run = _LocalRun(supervisor, router, say, f"http://{host}:{metrics_port}")
                return await run.until(ending, port=settings.port, files=settings.file)


class _LocalRun:
    """The tasks of a run."""

    def __init__(self, supervisor: Supervisor, router: RouterChild, say: Say, metrics_url: str) -> None:
        self._supervisor = supervisor
        self._router = router
        self._say = say
        self._metrics_url = metrics_url
        self._announced = False

    async def until(self, ending: Ending, *, port: int, files: Sequence[Path]) -> int:
        by_itself = False
        try:
            async with asyncio.TaskGroup() as tasks:
                routing = tasks.create_task(self._router.run(port, self._say, self._announce))
                supervising = tasks.create_task(self._supervisor.run())
                watching = tasks.create_task(_follow_files(self._supervisor, files))
                listening = tasks.create_task(self._supervisor.feed.follow(self._router_url))
                await ending.drain.wait()
                watching.cancel()
                listening.cancel()
                ended = asyncio.gather(routing, supervising)
                by_itself = await leave(self._supervisor, self._router, ended=ended, now=ending.now)
        except* RouterFailed as failed:
            log.error("the router could not be started", how=str(failed.exceptions[0]))  # noqa: TRY400 - the router has said why
        log.info("everything has ended")
        return 0 if by_itself else 1

    def _router_url(self) -> str:
        return self._router.listening.url if self._router.listening is not None else ""

    def _announce(self) -> None:
        listening = self._router.listening
        if listening is not None and not self._announced:
            self._announced = True
            announce(Listening(url=listening.url, metrics_url=self._metrics_url))
            log.info("the router listens", url=listening.url, metrics=f"{listening.metrics_url}/metrics")


async def _follow_files(supervisor: Supervisor, paths: Sequence[Path]) -> None:
    async for files in watch_pool_files(paths):
        if files.obstacles:
            for obstacle in files.obstacles:
                log.error("the edit is refused and the pools go on as they were", mistake=str(obstacle))
            continue
        _want(supervisor, files)


def _want(supervisor: Supervisor, files: PoolFiles) -> None:
    changes = supervisor.want(files.pools)
    if not changes:
        return
    for finding in files.unused + files.cluster_only:
        log.warning(str(finding))
    log.info("pools", changes=changes)
