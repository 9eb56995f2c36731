"""When a pod gives itself up, and when it does not: never for what another instance would meet as well."""

import asyncio
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.integration.browser_pod.stage import HELLO, DemoSite, Pod, events_of, running_pod
from tests.integration.healing.test_processes import counts
from tests.integration.healing.victims import processes_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

QUICK = {"intervalSeconds": 1, "failureThreshold": 2}


async def test_a_pod_that_fails_in_too_many_intervals_lets_its_chats_end_says_why_and_ends(
    tmp_path: Path, site: DemoSite
) -> None:
    async with running_pod(tmp_path, site, health=QUICK) as pod:
        await pod.wait_until("Ready", "Ready")
        async with pod.chat("Hello [[demo tokens=400 pace_ms=20]]", stream=True) as running:
            events = events_of(running)
            chatting = await renderer_at_work(pod, events)

            await eventually(
                lambda: drains_after_another_kill(pod, chatting), within_seconds=20, what="a drain"
            )
            status = await pod.status()
            refusal = await pod.refusal(HELLO)
            rest = [event async for event in events]

        assert status["draining"]
        assert status["drainingReason"] in {"PageLost", "NoPage"}  # killed once it was there, or before
        assert refusal.kind == (503, "draining")
        assert rest[-1] == "[DONE]"
        assert await pod.part.ended(within_seconds=10) == 1
        assert "the instance gives up" in pod.part.text
        await eventually(lambda: not pod.part.left_behind(), what="the end of every process")


async def renderer_at_work(pod: Pod, events: Any) -> psutil.Process:
    """Tell by its work which renderer has the chat."""
    renderers = processes_of(pod)["renderer"]
    before = {process: sum(process.cpu_times()[:2]) for process in renderers}
    for _ in range(150):
        await anext(events)
    return max(renderers, key=lambda process: sum(process.cpu_times()[:2]) - before[process])


async def drains_after_another_kill(pod: Pod, spared: psutil.Process) -> bool:
    for renderer in processes_of(pod)["renderer"]:
        if renderer != spared:
            renderer.kill()
    return bool((await pod.status())["draining"])


async def test_a_browser_that_never_starts_ends_the_pod_after_the_whole_ladder(
    tmp_path: Path, site: DemoSite
) -> None:
    patient = {"intervalSeconds": 1, "failureThreshold": 100}
    async with running_pod(tmp_path, site, "--chromium", "/bin/false", health=patient) as pod:
        await pod.wait_until("Broken", "Broken")
        slot = (await pod.status())["slots"][0]
        refusal = await pod.refusal(HELLO)
        pod.part.tree()

        code = await pod.part.ended(within_seconds=25)

    steps = [line for line in pod.part.text.splitlines() if "instance heals" in line]
    assert slot["reason"] == "BrowserBroken"
    assert refusal.kind == (503, "no_instance")
    assert code == 1
    assert [step for line in steps for step in ("browser", "driver") if f"a new {step} (" in line] == [
        *["browser"] * 2,
        *["driver"] * 3,
    ]
    assert "6 failures in a row, after 3 new drivers" in pod.part.text


async def test_a_browser_that_never_starts_fails_the_instance_in_each_interval(
    tmp_path: Path, site: DemoSite
) -> None:
    async with running_pod(tmp_path, site, "--chromium", "/bin/false", health=QUICK) as pod:
        assert await pod.part.ended(within_seconds=15) == 1

    assert "BrowserBroken in 2 of 2 intervals in a row" in pod.part.text


@pytest.mark.parametrize(
    ("fault", "reason"), [("goneAway", "SiteUnreachable"), ("challengePage", "Challenge")]
)
async def test_what_the_site_does_or_a_person_must_do_replaces_nothing(
    tmp_path: Path, site: DemoSite, fault: str, reason: str
) -> None:
    strict = {"intervalSeconds": 1, "failureThreshold": 1}
    wanted = {"url": "http://127.0.0.1:1"} if fault == "goneAway" else {}
    if not wanted:
        await site.fail(fault, times=None)
    async with running_pod(tmp_path, site, health=strict, site=wanted) as pod:

        async def blocked() -> bool:
            return {slot["reason"] for slot in (await pod.status())["slots"]} == {reason}

        await eventually(blocked, what=f"slots that are blocked by {reason}")
        await several_judgements(pod)
        status = await pod.status()

        assert await blocked()
        assert not status["draining"]
        assert await counts(pod) == {}
    await site.lift()


async def several_judgements(pod: Pod) -> None:
    """Let three intervals pass, with the pages looked at in each."""
    loop = asyncio.get_running_loop()
    until = loop.time() + 3.2

    async def over() -> bool:
        await pod.post("/check")
        return loop.time() > until

    await eventually(over, what="three intervals")
