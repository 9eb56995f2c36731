"""What an instance lives through, and what it leaves behind when it ends: nothing."""

import json
import os
import signal
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from tests.integration.browser_pod.stage import (
    HELLO,
    TOKEN,
    DemoSite,
    Pod,
    events_of,
    make_pool,
    running_pod,
    slow_chat,
    start_pod,
)
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


def _playwright_node() -> str:
    return compute_driver_executable()[0]


LONG = "Canary of a message 4711 [[demo tokens=2000 pace_ms=10]]"


async def test_a_crashed_page_ends_its_chat_only_and_is_replaced(pod: Pod) -> None:
    async with pod.chat(LONG, stream=True) as crashing:
        events = events_of(crashing)
        await anext(events)
        for process in pod.part.tree():
            if "--type=renderer" in process.cmdline():
                process.kill()
        rest = [event async for event in events]

    assert rest[-1]["error"]["code"] == "site_error"
    await pod.wait_until("Ready", "Ready")
    assert "Hello" in await pod.text(HELLO)


@pytest.mark.parametrize("victim", ["browser", "driver"])
async def test_a_dead_browser_or_driver_is_started_again(pod: Pod, victim: str) -> None:
    async with pod.chat(LONG, stream=True) as running:
        events = events_of(running)
        await anext(events)
        (pod.chromium() if victim == "browser" else pod.driver()).kill()
        rest = [event async for event in events]

    assert rest[-1]["error"]["code"] == "site_error"
    await pod.wait_until("Ready", "Ready")
    assert "Hello" in await pod.text(HELLO)
    async with pod.http.get(f"{pod.metrics_url}/metrics") as metrics:
        assert f'bridge_browser_crashes_total{{kind="{victim}"}} 1.0' in await metrics.text()


async def test_a_killed_driver_takes_everything_below_it_along(pod: Pod) -> None:
    before = {process.pid for process in pod.part.tree()} - {pod.part.process.pid}

    pod.driver().kill()

    def gone() -> bool:
        running = {int(name.split()[0]) for name in pod.part.left_behind()}
        return not before & running

    await eventually(gone, what="the end of the old driver and all below it")
    await pod.wait_until("Ready", "Ready")


async def test_probes_and_metrics_need_no_token_and_the_rest_does(pod: Pod) -> None:
    page = ""
    for path in ("healthz", "readyz", "startupz", "metrics"):
        async with pod.http.get(f"{pod.metrics_url}/{path}", headers={"Authorization": ""}) as answer:
            assert answer.status == 200
            page = await answer.text()
    assert 'bridge_browser_slots{state="Ready"} 2.0' in page
    for path in ("/status", "/v1/models", "/nowhere"):
        async with pod.http.get(f"{pod.url}{path}", headers={"Authorization": "Bearer wrong"}) as answer:
            assert answer.status == 401


async def test_the_stream_of_statuses_shows_a_chat_come_and_go(pod: Pod) -> None:
    async with pod.http.get(f"{pod.url}/status/stream") as stream:
        first = json.loads(await stream.content.readline())
        async with pod.chat(HELLO, lease="L7") as answer:
            shown_at = answer.headers["x-bridge-slots"].split(",")[0]
            await answer.read()
        lines = [first]
        while "L7" not in {slot["lease"] for slot in lines[-1]["slots"]}:
            lines.append(json.loads(await stream.content.readline()))
        busy = lines[-1]
        while any(slot["lease"] for slot in lines[-1]["slots"]):
            lines.append(json.loads(await stream.content.readline()))

    assert shown_at == f"version={busy['version']}"
    versions = [line["version"] for line in lines]
    assert versions == sorted(set(versions))


async def test_a_drain_refuses_new_chats_finishes_the_running_one_and_leaves_nothing(
    tmp_path: Path, site: DemoSite
) -> None:
    async with running_pod(tmp_path, site) as pod:
        await pod.wait_until("Ready", "Ready")
        async with pod.chat("Hello [[demo tokens=60 pace_ms=20]]", stream=True) as running:
            events = events_of(running)
            await anext(events)
            pod.part.tree()
            pod.part.send(signal.SIGTERM)

            async def draining() -> bool:
                return bool((await pod.status())["draining"])

            await eventually(draining, what="a drain")
            assert (await pod.refusal(HELLO)).kind == (503, "draining")
            rest = [event async for event in events]

        assert rest[-1] == "[DONE]"
        assert await pod.part.ended(within_seconds=10) == 0
        assert pod.part.left_behind() == []


@pytest.mark.parametrize("way", ["lifeline", "second signal"])
async def test_an_end_at_once_leaves_nothing(
    tmp_path: Path, site: DemoSite, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    async with running_pod(tmp_path, site) as pod:
        await pod.wait_until("Ready", "Ready")
        async with pod.chat(LONG, stream=True) as running:
            await anext(events_of(running))
            pod.part.tree()
            if way == "lifeline":
                assert pod.part.process.stdin is not None
                pod.part.process.stdin.close()
            else:
                pod.part.send(signal.SIGTERM)
                await eventually(lambda: "draining" in pod.part.text, what="the drain")
                pod.part.send(signal.SIGTERM)
            await pod.part.ended(within_seconds=10)

        await eventually(lambda: not pod.part.left_behind(), what="the end of every process")
    assert list(scratch.iterdir()) == []


async def test_a_killed_pod_leaves_nothing(tmp_path: Path, site: DemoSite) -> None:
    async with running_pod(tmp_path, site) as pod:
        await pod.wait_until("Ready", "Ready")
        pod.part.tree()

        pod.part.process.kill()

        await eventually(lambda: not pod.part.left_behind(), what="the end of every process")


async def test_texts_tokens_and_cookies_are_in_no_log(tmp_path: Path, site: DemoSite) -> None:
    canary = "canary-of-a-message-4711"
    async with running_pod(tmp_path, site, "--log-level", "debug") as pod:
        await pod.wait_until("Ready", "Ready")
        await pod.text(f"{canary} [[demo tokens=5 pace_ms=1]]")
        await pod.refusal(f"{canary} [[demo fault=cut]]")
        await pod.site.fail("stuckSubmit")
        refusal = await pod.refusal(canary)
        await pod.refusal(canary, model="no-such-model")
        cookies = {entry["context"] for entry in await site.journal("chat")}
        await pod.site.lift()
    log = pod.part.text

    assert "site.settings.selectors.send" in refusal.error["message"]
    assert '"outcome": "ok"' in log
    for secret in (canary, TOKEN, "provisional_user_id", *cookies):
        assert secret not in log


async def test_terms_that_nobody_has_accepted_wait_for_a_person(tmp_path: Path, site: DemoSite) -> None:
    async with running_pod(tmp_path, site, settings={"acceptTerms": False}) as pod:
        await pod.wait_until("NeedsHuman", "NeedsHuman")

        refusal = await pod.refusal(HELLO)

    assert refusal.kind == (503, "needs_human")
    assert "site.settings.acceptTerms: true" in refusal.error["message"]


async def test_a_site_that_cannot_be_reached_is_named_and_tried_again(tmp_path: Path, site: DemoSite) -> None:
    nowhere = {"url": "http://127.0.0.1:1"}
    async with running_pod(tmp_path, site, site=nowhere) as pod:
        await pod.wait_until("Broken", "Broken")
        slot = (await pod.status())["slots"][0]

    assert slot["reason"] == "SiteUnreachable"
    assert "net::ERR_" in slot["message"]


async def test_blocked_urls_are_not_loaded(tmp_path: Path, site: DemoSite) -> None:
    browser = {**make_pool(site.url)["spec"]["browser"], "blockUrls": ["*/nextjs-api/model-catalog*"]}
    async with running_pod(tmp_path, site, browser=browser) as pod:
        await pod.wait_until("Broken", "Broken")
        slot = (await pod.status())["slots"][0]

    assert slot["reason"] == "CatalogMissing"
    assert "site.settings.paths.catalog" in slot["message"]


async def test_a_site_that_cannot_be_stopped_does_not_keep_its_slot(tmp_path: Path, site: DemoSite) -> None:
    renamed = {"selectors": {"stop": "button[data-nowhere]"}}
    async with running_pod(tmp_path, site, settings=renamed) as pod:
        await pod.wait_until("Ready", "Ready")
        async with pod.chat("Hello [[demo tokens=5000 pace_ms=20]]", stream=True) as response:
            await anext(events_of(response))

        await pod.wait_until("Ready", "Ready", within_seconds=10)


async def test_the_full_browser_serves_as_well_as_the_shell(tmp_path: Path, site: DemoSite) -> None:
    browser = {**make_pool(site.url)["spec"]["browser"], "mode": "headless"}
    async with running_pod(tmp_path, site, browser=browser) as pod:
        await pod.wait_until("Ready", "Ready", within_seconds=30)

        assert "Hello" in await pod.text(HELLO)


@pytest.mark.skipif(os.geteuid() != 0, reason="the sandbox works for others than root")
async def test_root_without_leave_to_go_without_a_sandbox_is_told_what_to_do(
    tmp_path: Path, site: DemoSite
) -> None:
    async with running_pod(tmp_path, site, browser={"sandbox": "Required"}) as pod:
        await pod.wait_until("Broken", "Broken")
        slot = (await pod.status())["slots"][0]

    assert slot["reason"] == "SandboxUnavailable"
    assert "browser.sandbox: Disabled" in slot["message"]


async def test_without_a_browser_the_pod_stays_up_and_says_what_to_do(tmp_path: Path, site: DemoSite) -> None:
    async with running_pod(tmp_path, site, "--chromium", str(tmp_path / "nowhere")) as pod:
        await pod.wait_until("Broken", "Broken")
        slot = (await pod.status())["slots"][0]
        refusal = await pod.refusal(HELLO)

    assert slot["reason"] == "BrowserMissing"
    assert refusal.kind == (503, "no_instance")


async def test_a_driver_that_does_not_start_is_tried_again(
    tmp_path: Path, site: DemoSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = tmp_path / "node"
    node.symlink_to("/bin/false")
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(node))
    async with running_pod(tmp_path, site) as pod:
        await pod.wait_until("Broken", "Broken")
        slot = (await pod.status())["slots"][0]
        monkeypatch.undo()
        node.unlink()
        node.symlink_to(_playwright_node())
        await pod.wait_until("Ready", "Ready")

    assert slot["reason"] == "BrowserFailed"


@pytest.mark.parametrize(
    ("spec", "flags", "words"),
    [
        ({"site": {"mode": "battle"}}, (), "spec.site.mode"),
        ({"site": {"adapter": "unknown"}}, (), "spec.site.adapter"),
        ({"slots": 99}, (), "slots"),
        ({}, ("--token-file", "nowhere"), "nowhere"),
        ({}, ("--port", "SITE"), "cannot listen"),
    ],
)
async def test_what_cannot_be_carried_out_is_refused_at_the_start(
    tmp_path: Path, site: DemoSite, spec: dict[str, object], flags: tuple[str, ...], words: str
) -> None:
    taken = site.url.rsplit(":", 1)[1]
    pool = make_pool(site.url, **spec)
    part = await start_pod(tmp_path, pool, *(flag.replace("SITE", taken) for flag in flags))

    assert await part.ended() == 1
    assert words in part.text


async def test_a_client_that_does_not_read_is_cut_off_and_stalls_nobody(
    tmp_path: Path, site: DemoSite
) -> None:
    long_name = "m" * 3000  # it stands in every chunk, so that few of them fill the kernel's buffers
    models = {"aliases": {long_name: "lumen-pro"}}
    patient = {"firstTokenSeconds": 10, "idleSeconds": 10, "totalSeconds": 60}  # a busy machine stalls too
    options = {"models": models, "timeouts": patient}
    async with running_pod(tmp_path, site, "--client-buffer-bytes", "20000", **options) as pod:
        await pod.wait_until("Ready", "Ready")
        async with slow_chat(pod.url, "Hello [[demo tokens=1500 pace_ms=1]]", long_name) as read:
            assert "Hello" in await pod.text(HELLO)
            await pod.wait_until("Ready", "Ready")
            received = await read()

    assert b'"code":"client_too_slow"' in received
    assert b"[DONE]" not in received
