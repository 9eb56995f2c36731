"""The arena page itself: when it is in a conversation, and how it finds out that it is not any more."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright

from bridge_api.sites.arena import ArenaSettings
from bridge_browser.sites.arena.page import ArenaPage
from bridge_browser.sites.base import CatalogModel, Finish, Signal, SiteFailed
from tests.integration.browser_pod.stage import HELLO, DemoSite
from tests.support.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


class Stage:
    """An arena page that has been answered once, and the page of Playwright below it."""

    def __init__(self, arena: ArenaPage, page: Page) -> None:
        self.arena = arena
        self.page = page
        self.told = 0

    @property
    def model(self) -> CatalogModel:
        return next(model for model in self.arena.models if model.name == "lumen-pro")

    def note(self) -> None:
        self.told += 1

    async def say(self, *, further: bool) -> None:
        async with self.arena.send(self.model, HELLO, further=further) as answer:
            while not any(isinstance(event, Finish) for event in await answer.next(5)):
                pass


@asynccontextmanager
async def answered_page(site: DemoSite) -> AsyncIterator[Stage]:
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=sandbox)
        try:
            page = await browser.new_page()
            session = await page.context.new_cdp_session(page)
            stage = Stage(ArenaPage(page, session, site.url, ArenaSettings(accept_terms=True)), page)
            stage.arena.when_lost(stage.note)
            await stage.arena.start()
            assert await stage.arena.open() is None
            await stage.say(further=False)
            yield stage
        finally:
            await browser.close()


@pytest_asyncio.fixture(loop_scope="package")
async def stage(site: DemoSite) -> AsyncIterator[Stage]:
    await site.lift()
    async with answered_page(site) as stage:
        await site.forget()
        yield stage


async def test_a_page_is_in_its_conversation_from_answer_to_answer(stage: Stage, site: DemoSite) -> None:
    assert stage.arena.in_conversation
    await stage.say(further=True)

    assert stage.arena.in_conversation
    assert [chat["follow_up"] for chat in await site.journal("chat")] == [True]
    assert stage.told == 0


async def test_a_new_chat_is_no_conversation(stage: Stage) -> None:
    assert await stage.arena.open() is None

    assert not stage.arena.in_conversation


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("location.reload()", id="reload"),
        pytest.param("location.href = '/text/direct'", id="another page"),
        pytest.param("history.pushState(null, '', '/text/direct')", id="the page's own navigation"),
        pytest.param("history.back()", id="back"),
    ],
)
async def test_a_page_that_goes_elsewhere_says_so_and_takes_no_further_message(
    stage: Stage, site: DemoSite, script: str
) -> None:
    await stage.page.evaluate(f"setTimeout(() => {{ {script} }})")

    await eventually(lambda: stage.told > 0, what="word of the page's leaving")
    assert not stage.arena.in_conversation
    await stage.page.wait_for_load_state()
    with pytest.raises(SiteFailed) as failed:
        await stage.say(further=True)
    assert failed.value.failure.signal is Signal.CONVERSATION_GONE
    assert await site.journal("chat") == []


async def test_a_new_chat_is_never_sent_into_a_page_that_goes_on_with_another(
    stage: Stage, site: DemoSite
) -> None:
    with pytest.raises(SiteFailed) as failed:
        await stage.say(further=False)

    assert failed.value.failure.signal is Signal.NOT_AS_ASKED
    assert not stage.arena.in_conversation


async def test_a_conversation_whose_model_somebody_has_changed_is_not_gone_on_with(
    stage: Stage, site: DemoSite
) -> None:
    await stage.page.get_by_role("combobox").click()
    await stage.page.get_by_role("option").filter(has_text="tide-max").click()

    with pytest.raises(SiteFailed) as failed:
        await stage.say(further=True)

    assert failed.value.failure.signal is Signal.CONVERSATION_GONE
