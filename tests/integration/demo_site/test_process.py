"""The demo site as a process: it says where it listens, and ends cleanly."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.demo_site.visitor import Visitor
from tests.support.processes import Part
from tests.support.waiting import eventually

LONG = "[[demo tokens=2000 pace_ms=20]] canary-text-77"


async def listening(part: Part) -> dict[str, Any]:
    line = await eventually(
        lambda: next((line for line in part.text.splitlines() if '"metricsUrl"' in line), ""),
        what="the listening line",
    )
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.fixture
async def part(tmp_path: Path) -> AsyncIterator[Part]:
    arguments = ["bridge_demo_site", "--port", "0", "--lifeline", "--log-level", "debug"]
    part = await Part.start(arguments, tmp_path / "site.log")
    yield part
    await part.stop()


async def test_it_ends_on_a_signal_with_a_stream_open_and_logs_no_text(part: Part):
    urls = await listening(part)
    async with aiohttp.ClientSession(urls["url"]) as http:
        visitor = Visitor(http)
        path = "/nextjs-api/stream/create-evaluation"
        async with http.post(path, json=visitor.body(LONG)) as response:
            await response.content.readany()

            part.send(signal.SIGTERM)

            assert await part.ended(within_seconds=5) == 0
    assert "canary-text-77" not in part.text
    assert "Traceback" not in part.text


async def test_it_ends_with_its_parent(part: Part):
    await listening(part)

    assert part.process.stdin is not None
    part.process.stdin.close()

    assert await part.ended(within_seconds=5) == 0


async def test_it_answers_probes(part: Part):
    urls = await listening(part)

    async with aiohttp.ClientSession() as http:
        for path in ("/healthz", "/readyz", "/startupz"):
            async with http.get(urls["metricsUrl"] + path) as answer:
                assert answer.status == 200
        async with http.get(urls["metricsUrl"] + "/metrics") as answer:
            assert "bridge_demo_site_open_answers 0.0" in await answer.text()


async def test_a_port_in_use_is_told_plainly(part: Part, tmp_path: Path):
    port = (await listening(part))["url"].rsplit(":", 1)[1]

    second = await Part.start(["bridge_demo_site", "--port", port], tmp_path / "second.log")

    assert await second.ended() == 1
    assert f"cannot listen on 127.0.0.1:{port}" in second.text
    await second.stop()
