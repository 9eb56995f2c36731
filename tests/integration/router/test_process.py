"""The router as a process: how it starts, what it refuses to start with, and how it ends."""

import asyncio
import hashlib
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import openai
import pytest

from bridge_api.wire.load import LoadReport
from bridge_api.wire.local import Listening, Registry
from tests.fakes.pod import FakePod, answer
from tests.integration.router.stage import make_pool

PROGRAM = (sys.executable, "-m", "bridge_router")


class RunningRouter:
    """A router process and its address."""

    def __init__(self, process: Process, listening: Listening) -> None:
        self.process = process
        self.url = listening.url
        self.metrics_url = listening.metrics_url

    async def log(self) -> str:
        """Wait for the end and return what was logged."""
        assert self.process.stderr is not None
        return (await self.process.stderr.read()).decode()

    async def status_of(self, path: str) -> int:
        async with aiohttp.ClientSession() as session, session.get(self.metrics_url + path) as response:
            return response.status

    async def until(self, path: str, status: int) -> None:
        async with asyncio.timeout(5):
            while await self.status_of(path) != status:  # noqa: ASYNC110 - another process has no event for us
                await asyncio.sleep(0.01)

    async def until_waiting(self, requests: int) -> None:
        """Wait until the load feed tells of so many requests in line."""
        async with (
            asyncio.timeout(5),
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/load/stream") as feed,
        ):
            async for line in feed.content:
                if sum(load.pending for load in LoadReport.model_validate_json(line).pools) == requests:
                    return


@asynccontextmanager
async def started(registry: Path, *arguments: str) -> AsyncIterator[RunningRouter]:
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, "--registry-file", str(registry), "--port", "0", "--metrics-port", "0", *arguments,
        stdin=PIPE, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 10)
        yield RunningRouter(process, Listening.model_validate_json(line))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def refused(*arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(*PROGRAM, *arguments, stdout=PIPE, stderr=PIPE)
    _, errors = await asyncio.wait_for(process.communicate(), 10)
    return process.returncode, errors.decode()


@pytest.fixture
async def pod() -> AsyncIterator[FakePod]:
    made = FakePod()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def registry(tmp_path: Path, pod: FakePod) -> Path:
    path = tmp_path / "registry.json"
    path.write_text(Registry(pools=[make_pool()], endpoints=[pod.record()]).model_dump_json(by_alias=True))
    return path


async def ask(router: RunningRouter, text: str = "hi") -> str:
    async with openai.AsyncOpenAI(base_url=f"{router.url}/v1", api_key="sk-canary", max_retries=0) as sdk:
        stream = await sdk.chat.completions.create(
            model="model-a", messages=[{"role": "user", "content": text}], stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


async def test_probes_tell_live_from_ready(tmp_path: Path, registry: Path) -> None:
    later = tmp_path / "later.json"
    async with started(later) as router:
        assert await router.status_of("/healthz") == 200
        assert await router.status_of("/readyz") == 503

        registry.rename(later)  # noqa: ASYNC240 - a rename does not block

        await router.until("/readyz", 200)
        assert await router.status_of("/metrics") == 200


async def test_sigterm_lets_running_and_waiting_chats_finish(registry: Path, pod: FakePod) -> None:
    hold = asyncio.Event()
    pod.otherwise = answer(hold=hold)
    async with started(registry) as router:
        chats = [asyncio.create_task(ask(router)) for _ in range(2)]
        chat = await pod.chat()
        await chat.first_content.wait()

        router.process.send_signal(signal.SIGTERM)
        await router.until("/readyz", 503)

        with pytest.raises(openai.InternalServerError) as turned_away:
            await ask(router)
        assert turned_away.value.code == "draining"
        hold.set()
        assert await asyncio.gather(*chats) == ["Hello world"] * 2
        assert await asyncio.wait_for(router.process.wait(), 5) == 0


async def test_where_the_pods_drain_too_nobody_waits_and_the_running_chat_ends_whole(
    registry: Path, pod: FakePod
) -> None:
    """As after Ctrl-C, when everything is told to end at once."""
    hold = asyncio.Event()
    pod.otherwise = answer(hold=hold)
    async with started(registry) as router:
        running = asyncio.create_task(ask(router))
        chat = await pod.chat()
        await chat.first_content.wait()
        waiting = asyncio.create_task(ask(router))
        await router.until_waiting(1)

        pod.draining = True
        pod.change()
        router.process.send_signal(signal.SIGTERM)

        with pytest.raises(openai.InternalServerError) as turned_away:
            await asyncio.wait_for(waiting, 5)
        assert (turned_away.value.status_code, turned_away.value.code) == (503, "draining")
        assert turned_away.value.response.headers["retry-after"] == "5"
        assert not running.done()
        hold.set()
        assert await running == "Hello world"
        assert await asyncio.wait_for(router.process.wait(), 5) == 0


async def test_a_second_signal_ends_it_at_once(registry: Path, pod: FakePod) -> None:
    pod.otherwise = answer(hold=asyncio.Event())
    async with started(registry) as router:
        asked = asyncio.create_task(ask(router))
        chat = await pod.chat()
        await chat.first_content.wait()
        router.process.send_signal(signal.SIGTERM)
        await router.until("/readyz", 503)

        router.process.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(router.process.wait(), 5) == 0
        await asyncio.wait_for(chat.gone.wait(), 5)
        assert isinstance((await asyncio.gather(asked, return_exceptions=True))[0], Exception)


async def test_an_open_load_feed_does_not_hold_up_the_end(registry: Path) -> None:
    async with started(registry) as router, aiohttp.ClientSession() as session:
        feed = await session.get(f"{router.url}/load/stream")
        await feed.content.readline()

        router.process.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(router.process.wait(), 1.5) == 0
        feed.close()


async def test_it_ends_with_its_parent(registry: Path) -> None:
    async with started(registry, "--lifeline") as router:
        assert router.process.stdin is not None
        router.process.stdin.close()

        assert await asyncio.wait_for(router.process.wait(), 5) == 0


async def test_one_line_tells_of_each_request_and_never_its_text_or_key(registry: Path) -> None:
    async with started(registry, "--log-level", "debug") as router:
        await ask(router, "text-canary")
        router.process.send_signal(signal.SIGTERM)
        log = await router.log()

    (line,) = [json.loads(line) for line in log.splitlines() if '"event": "request"' in line]
    assert (
        line.items()
        >= {"pool": "default/demo", "model": "model-a", "instance": "pod-a", "code": "ok"}.items()
    )
    assert line["request_id"]
    assert "canary" not in log


async def test_a_request_that_cannot_be_parsed_is_not_quoted_in_the_log(registry: Path) -> None:
    async with started(registry, "--log-level", "debug") as router:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(router.url.rsplit(":", 1)[1]))
        writer.write(b"GET /v1/models HTTP/1.1\r\nAuthor ization: Bearer sk-canary\r\n\r\n")
        assert (await reader.readline()).split()[1] == b"400"
        writer.close()
        router.process.send_signal(signal.SIGTERM)

        assert "canary" not in await router.log()


async def test_a_port_in_use_is_said(registry: Path) -> None:
    async with started(registry) as router:
        port = router.url.rsplit(":", 1)[1]

        code, errors = await refused("--registry-file", str(registry), "--port", port, "--metrics-port", "0")

    assert code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in errors


async def test_beyond_loopback_it_does_not_start_without_keys(registry: Path) -> None:
    code, errors = await refused("--registry-file", str(registry), "--host", "0.0.0.0")

    assert code == 2
    assert "--api-keys-file" in errors


@pytest.mark.parametrize(
    ("text", "says"), [("ann not-a-hash", "line 1"), ("", "no key"), (None, "No such file")]
)
async def test_a_bad_keys_file_is_refused_with_its_line(
    registry: Path, tmp_path: Path, text: str | None, says: str
) -> None:
    keys = tmp_path / "keys"
    if text is not None:
        keys.write_text(text)

    code, errors = await refused("--registry-file", str(registry), "--api-keys-file", str(keys))

    assert code == 2
    assert says in errors


async def test_an_empty_master_token_is_refused(registry: Path, tmp_path: Path) -> None:
    (tmp_path / "token").touch()

    code, errors = await refused(
        "--registry-file", str(registry), "--master-token-file", str(tmp_path / "token")
    )

    assert code == 2
    assert "is empty" in errors


async def test_with_keys_the_process_asks_for_one(registry: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"ann {hashlib.sha256(b'sk-canary').hexdigest()}\n")
    async with started(registry, "--api-keys-file", str(keys)) as router, aiohttp.ClientSession() as session:
        without = await session.get(f"{router.url}/v1/models")

        assert without.status == 401
        assert await ask(router) == "Hello world"


async def test_a_wrong_flag_is_a_usage_error() -> None:
    code, errors = await refused("--registry-file", "x", "--no-such-flag")

    assert code == 2
    assert "no-such-flag" in errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param((), "where are the instances", id="no-source"),
        pytest.param(("--registry-file", "x", "--kubernetes"), "give one of them", id="two-sources"),
        pytest.param(("--kubernetes", "--namespaces", "a"), "this pod's service account", id="no-cluster"),
        pytest.param(
            ("--kubernetes", "--namespaces", "a", "--kubeconfig", "/not/there"),
            "/not/there",
            id="no-kubeconfig",
        ),
        pytest.param(("--kubernetes", "--kubeconfig", "/not/there"), "--namespaces", id="no-namespace"),
    ],
)
async def test_a_source_that_is_missing_is_a_mistake_of_usage(arguments: tuple[str, ...], said: str) -> None:
    code, errors = await refused("--port", "0", "--metrics-port", "0", *arguments)

    assert code == 2
    assert said in errors
    assert "Traceback" not in errors
