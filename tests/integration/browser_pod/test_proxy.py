"""A pod whose profile has a proxy: all its traffic goes that way, and it says clearly when it cannot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.integration.browser_pod.stage import ANSWER_TO_HELLO, DemoSite, Pod, running_pod, running_site
from tests.support.processes import free_port
from tests.support.proxy import SmallProxy, running_proxy
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[DemoSite]:
    async with running_site(tmp_path) as site:
        yield site


@pytest.fixture
async def proxy() -> AsyncIterator[SmallProxy]:
    async with running_proxy() as running:
        yield running


async def slots_show(pod: Pod, reason: str) -> dict[str, Any]:
    """Wait until every slot is Broken for this reason, and return one of them."""

    async def shown() -> dict[str, Any] | None:
        slots = (await pod.status())["slots"]
        told = all((slot["state"], slot["reason"]) == ("Broken", reason) for slot in slots)
        return dict(slots[0]) if told else None

    slot = await eventually(shown, within_seconds=40, what=f"slots that are Broken for {reason}")
    assert slot is not None
    return slot


async def test_a_chat_goes_through_the_proxy_and_its_credentials_go_nowhere_else(
    tmp_path: Path, demo: DemoSite, proxy: SmallProxy
) -> None:
    proxy.write_secret(tmp_path / "secret")
    async with running_pod(tmp_path, demo, "--proxy-dir", str(tmp_path / "secret")) as pod:
        await pod.wait_until("Ready", "Ready")

        assert await pod.text() == ANSWER_TO_HELLO

        told = [pod.part.text, str(await pod.status()), *(str(one.cmdline()) for one in pod.part.tree())]
        assert len(await demo.journal("chat")) == 1
        assert any(request.startswith(f"POST {demo.url}/") for request in proxy.served)
    assert not any("canary" in text for text in [*told, pod.part.text])
    assert not any(b"uthorization" in head for head in proxy.heads_sent_on)


async def test_a_missing_key_names_the_file_and_the_pod_goes_on_once_it_is_there(
    tmp_path: Path, demo: DemoSite, proxy: SmallProxy
) -> None:
    async with running_pod(tmp_path, demo, "--proxy-dir", str(tmp_path / "secret")) as pod:
        slot = await slots_show(pod, "SecretMissing")
        refusal = await pod.refusal()

        proxy.write_secret(tmp_path / "secret")
        await pod.wait_until("Ready", "Ready", within_seconds=60)
    assert str(tmp_path / "secret" / "server") in slot["message"]
    assert refusal.kind == (503, "no_instance")


async def test_a_proxy_that_does_not_answer_is_told_apart_from_a_site_that_does_not(
    tmp_path: Path, demo: DemoSite, proxy: SmallProxy
) -> None:
    port = free_port()
    proxy.write_secret(tmp_path / "secret", server=f"http://127.0.0.1:{port}")
    async with running_pod(tmp_path, demo, "--proxy-dir", str(tmp_path / "secret")) as pod:
        slot = await slots_show(pod, "ProxyUnreachable")
        assert "does not answer" in slot["message"]

        async with running_proxy(port=port):
            await pod.wait_until("Ready", "Ready", within_seconds=60)


async def test_wrong_credentials_are_named_never_shown_and_can_be_put_right_while_the_pod_runs(
    tmp_path: Path, demo: DemoSite, proxy: SmallProxy
) -> None:
    proxy.write_secret(tmp_path / "secret", password="canary-wrong-77b1")
    async with running_pod(tmp_path, demo, "--proxy-dir", str(tmp_path / "secret")) as pod:
        slot = await slots_show(pod, "ProxyRefused")
        assert proxy.served == []

        proxy.write_secret(tmp_path / "secret")
        await pod.wait_until("Ready", "Ready", within_seconds=60)
    assert "username and password" in slot["message"]
    assert "canary" not in pod.part.text + str(slot)


async def test_the_same_holds_for_a_site_that_is_reached_through_a_tunnel(
    tmp_path: Path, demo: DemoSite, proxy: SmallProxy
) -> None:
    proxy.write_secret(tmp_path / "secret", password="canary-wrong-77b1")
    encrypted = {"url": demo.url.replace("http://", "https://")}
    flags = ("--proxy-dir", str(tmp_path / "secret"))
    async with running_pod(tmp_path, demo, *flags, site=encrypted) as pod:
        await slots_show(pod, "ProxyRefused")


async def test_a_changed_secret_holds_after_the_chats_that_run_and_cuts_none(
    tmp_path: Path, demo: DemoSite, proxy: SmallProxy
) -> None:
    proxy.write_secret(tmp_path / "secret")
    async with (
        running_proxy("two") as other,
        running_pod(tmp_path, demo, "--proxy-dir", str(tmp_path / "secret")) as pod,
    ):
        await pod.wait_until("Ready", "Ready")
        running = asyncio.create_task(pod.text("Hello [[demo tokens=100 pace_ms=50]]"))
        await pod.wait_until("Busy", "Ready")

        other.write_secret(tmp_path / "secret")

        assert (await running).startswith('You said: "Hello".')
        assert other.served == []
        await eventually(lambda: other.served, within_seconds=20, what="traffic through the other proxy")
        await pod.wait_until("Ready", "Ready")
        assert await pod.text() == ANSWER_TO_HELLO


async def test_a_site_that_asks_for_a_password_does_not_get_the_proxys(
    tmp_path: Path, demo: DemoSite, proxy: SmallProxy
) -> None:
    proxy.write_secret(tmp_path / "secret")
    async with asking_site() as url:
        flags = ("--proxy-dir", str(tmp_path / "secret"))
        async with running_pod(tmp_path, demo, *flags, site={"url": url}) as pod:
            await pod.wait_until("NeedsHuman", "NeedsHuman")
    assert any(request.startswith(f"GET {url}") for request in proxy.served)
    assert not any(b"uthorization" in head for head in proxy.heads_sent_on)


@asynccontextmanager
async def asking_site() -> AsyncIterator[str]:
    """Answer everything with a question for a name and a password."""

    async def ask(_: web.BaseRequest) -> web.Response:
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="site"'})

    runner = web.ServerRunner(web.Server(ask))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
