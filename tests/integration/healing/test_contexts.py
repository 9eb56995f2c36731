"""Which healing keeps a slot's cookies, and which begins anew: seen by the site, which knows each visitor."""

from pathlib import Path

import pytest

from tests.integration.browser_pod.stage import HELLO, DemoSite, Pod, running_pod
from tests.integration.healing.test_processes import counts
from tests.integration.healing.victims import processes_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


async def visitor(pod: Pod) -> str:
    """Chat, and return who the site took it from."""
    await pod.site.forget()
    await pod.text(HELLO)
    return str((await pod.site.wait_for("chat"))["context"])


@pytest.mark.parametrize(
    ("victim", "counted", "same"),
    [
        ("renderer", "page PageLost", True),
        ("network", "context NetworkLost", False),
    ],
)
async def test_cookies_outlive_a_page_but_not_the_network_service(
    tmp_path: Path, site: DemoSite, victim: str, counted: str, same: bool
) -> None:
    async with running_pod(tmp_path, site, slots=1) as pod:
        await pod.wait_until("Ready")
        before = await visitor(pod)

        processes_of(pod)[victim][0].kill()

        async def healed() -> bool:
            return counted in await counts(pod) and await pod.states() == ["Ready"]

        await eventually(healed, what="a slot that is ready again")
        assert (await visitor(pod) == before) is same


async def test_a_slot_gets_a_fresh_context_after_so_many_chats(tmp_path: Path, site: DemoSite) -> None:
    async with running_pod(tmp_path, site, slots=1, sessions={"maxRequests": 2}) as pod:
        visitors = []
        for _ in range(4):
            await pod.wait_until("Ready")
            visitors.append(await visitor(pod))
        await pod.wait_until("Ready")

        assert visitors[0] == visitors[1] != visitors[2] == visitors[3]
        assert await counts(pod) == {"context MaxRequests": 2.0}
