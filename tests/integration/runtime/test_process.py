"""A process with a lifeline drains on a signal, and ends at once with its parent or on a second signal."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge

from bridge_runtime.probes import Probes, probes_listener
from bridge_runtime.serving import CannotListen, serve

PROGRAM = """
import asyncio
from bridge_runtime.lifeline import watch_for_ending

async def main():
    ending = watch_for_ending(lifeline=True)
    print("started", flush=True)
    await ending.drain.wait()
    print("at once" if ending.now.is_set() else "draining", flush=True)
    await ending.now.wait()
    print("ended", flush=True)

asyncio.run(main())
"""


@asynccontextmanager
async def program() -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert await line_of(process) == "started"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        assert process.stdin is not None
        process.stdin.close()


async def line_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(10):
        return (await process.stdout.readline()).decode().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_one_signal_drains_and_a_second_one_ends_at_once(number: signal.Signals) -> None:
    async with program() as process:
        process.send_signal(number)
        assert await line_of(process) == "draining"

        process.send_signal(number)
        assert await line_of(process) == "ended"


async def test_the_end_of_the_parents_pipe_ends_at_once() -> None:
    async with program() as process:
        assert process.stdin is not None
        process.stdin.close()

        assert await line_of(process) == "at once"
        assert await line_of(process) == "ended"


async def test_probes_answer_with_their_reason_and_metrics_with_prometheus_text() -> None:
    registry = CollectorRegistry()
    Gauge("example_slots", "Slots.", registry=registry).set(3)
    probes = Probes(
        live=lambda: (True, "fine"), ready=lambda: (False, "no slot is ready"), started=lambda: (True, "up")
    )

    async with (
        probes_listener(probes, registry, host="127.0.0.1", port=0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
        http.get("/healthz") as live,
        http.get("/readyz") as ready,
        http.get("/metrics") as metrics,
    ):
        assert (live.status, await live.text()) == (200, "fine\n")
        assert (ready.status, await ready.text()) == (503, "no slot is ready\n")
        assert "example_slots 3.0" in await metrics.text()


async def test_an_address_in_use_is_told_plainly() -> None:
    async with serve(web.Application(), host="127.0.0.1", port=0) as port:
        with pytest.raises(CannotListen, match=f"cannot listen on 127.0.0.1:{port}: .*in use"):
            async with serve(web.Application(), host="127.0.0.1", port=port):
                pass
