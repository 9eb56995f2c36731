"""The page behaves as the site's does, in a real Chromium."""

from typing import Any

import pytest
from playwright.async_api import Page, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from bridge_api.sites.arena import ArenaSettings
from bridge_demo_site.settings import DemoSiteSettings
from tests.integration.demo_site.visitor import Visitor

pytestmark = pytest.mark.browser

ON = ArenaSettings().selectors
LONG = "[[demo tokens=2000 pace_ms=20]] Tell me more"
OPENING = 'You said: "Hello". This is turn 1 of our conversation.'


async def open_direct(page: Page, path: str = "/text/direct") -> None:
    """Open a page and clear what lies over it."""
    await page.goto(path)
    await page.click(ON.cookie_accept)
    await page.click(ON.terms_accept)
    await expect(page.locator(ON.terms_dialog)).to_have_count(0)


async def ask(page: Page, message: str) -> None:
    await page.fill(ON.message_box, message)
    await page.click(ON.send)


def seen(entries: list[dict[str, Any]], event: str, target: str) -> list[bool]:
    """Say of each such event whether it was trusted."""
    return [entry["trusted"] for entry in entries if (entry["type"], entry["target"]) == (event, target)]


async def answered(page: Page) -> None:
    """Wait for the end of an answer."""
    await expect(page.get_by_role("button", name="Retry").last).to_be_visible()


async def test_a_question_is_answered_on_the_page(page: Page):
    await open_direct(page)

    await ask(page, "Hello")

    await expect(page.locator(".lane .text")).to_contain_text(OPENING)
    await answered(page)
    assert "/c/" in page.url


async def test_a_further_question_goes_on_in_the_same_conversation(page: Page, visitor: Visitor):
    await open_direct(page)
    await ask(page, "Hello")
    await answered(page)

    await ask(page, "And then?")

    await expect(page.locator(".lane .text").last).to_contain_text("This is turn 2 of our conversation.")
    first, second = await visitor.noted("chat", 2)
    assert (first["follow_up"], second["follow_up"]) == (False, True)
    assert page.url.endswith(f"/c/{second['sessionId']}")


async def test_a_reloaded_conversation_shows_its_history_and_goes_on(page: Page):
    await open_direct(page)
    await ask(page, "Hello")
    await answered(page)

    await page.reload()

    await expect(page.locator(".lane .text")).to_contain_text(OPENING)
    await ask(page, "Still there?")
    await expect(page.locator(".lane .text").last).to_contain_text("This is turn 2 of our conversation.")


async def test_setting_the_value_alone_changes_nothing(page: Page):
    await open_direct(page)

    await page.evaluate("document.querySelector('textarea').value = 'Hello'")

    await expect(page.locator(ON.message_box)).to_have_value("")
    await expect(page.locator(ON.send)).to_be_disabled()


async def test_an_event_after_a_tracked_assignment_changes_nothing_either(page: Page):
    await open_direct(page)

    await page.evaluate("""() => {
        const box = document.querySelector('textarea');
        box.value = 'Hello';
        box.dispatchEvent(new Event('input', {bubbles: true}));
    }""")

    await expect(page.locator(ON.message_box)).to_have_value("")


async def test_send_is_enabled_a_moment_after_the_text_and_only_with_text(page: Page):
    await open_direct(page)

    waited = await page.evaluate("""async () => {
        const send = document.querySelector('button[type=submit]');
        const box = document.querySelector('textarea');
        const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
        const began = performance.now();
        set.call(box, 'Hello');
        box.dispatchEvent(new Event('input', {bubbles: true}));
        const disabled = send.disabled;
        await new Promise((resolve) => new MutationObserver(() => send.disabled || resolve())
            .observe(send, {attributes: true}));
        return [disabled, performance.now() - began];
    }""")

    assert waited[0]
    assert waited[1] >= 49
    await page.fill(ON.message_box, "   ")
    await expect(page.locator(ON.send)).to_be_disabled()


async def test_the_terms_cover_the_page_until_they_are_accepted(page: Page):
    await page.goto("/text/direct")
    await expect(page.locator(ON.terms_dialog)).to_be_visible()

    hit = await page.evaluate("document.elementFromPoint(640, 150).className")
    assert hit == "overlay"
    assert await page.evaluate("document.getElementById('app').inert")

    await page.click(ON.terms_accept)
    await expect(page.locator(ON.terms_dialog)).to_have_count(0)
    await page.reload()
    await expect(page.locator(ON.model_picker)).to_be_enabled()
    await expect(page.locator(ON.terms_dialog)).to_have_count(0)


async def test_the_cookie_banner_covers_the_send_button_until_it_is_accepted(page: Page):
    await page.goto("/text/direct")
    place = await page.locator(ON.send).bounding_box()
    assert place is not None
    at_send = f"document.elementFromPoint({place['x'] + 5}, {place['y'] + 5}).closest('.banner') !== null"
    assert await page.evaluate(at_send)

    await page.click(ON.cookie_accept)

    assert not await page.evaluate(at_send)
    await page.reload()
    await expect(page.locator(ON.model_picker)).to_be_enabled()
    await expect(page.locator(ON.cookie_accept)).to_have_count(0)


async def test_the_picker_lists_what_can_be_picked_and_the_pick_is_asked(page: Page, visitor: Visitor):
    await open_direct(page)
    await page.click(ON.model_picker)
    options = page.locator(ON.model_option)
    labels = [label.split("\n") for label in await options.all_inner_texts()]
    assert labels[0] == ["atlas-3-large", "northwind"]
    assert [label for label in labels if label[0] == "atlas-2"] == [
        ["atlas-2", "northwind"],
        ["atlas-2", "lumen"],
    ]
    assert not {"secret-otter", "cedar-code", "atlas-paint"} & {name for name, _ in labels}

    await options.nth(labels.index(["atlas-2", "lumen"])).click()
    await ask(page, "Hello")

    (chat,) = await visitor.noted("chat")
    catalog = await (await visitor.http.get("/nextjs-api/model-catalog")).json()
    (picked,) = [row for row in catalog[0]["models"] if row["id"] == chat["modelAId"]]
    assert (picked["publicName"], picked["organization"]) == ("atlas-2", "lumen")


async def test_a_model_can_be_named_in_the_address(page: Page):
    await open_direct(page, "/text/direct?model_a=tide-max")

    await expect(page.locator(ON.model_picker)).to_have_text("tide-max")


async def test_what_a_driven_browser_does_is_trusted_and_what_a_script_does_is_not(
    page: Page, visitor: Visitor
):
    await open_direct(page)
    await page.fill(ON.message_box, "Hello")
    await page.press(ON.message_box, "End")
    await page.click(ON.send)
    await answered(page)
    await page.evaluate(
        "document.querySelector('textarea').dispatchEvent(new Event('input', {bubbles: true}))"
    )
    await page.evaluate("document.querySelector('button[role=combobox]').click()")

    await visitor.noted("event", 7)

    events = await visitor.journal("event")
    assert seen(events, "click", "cookieAccept") == [True]
    assert seen(events, "click", "termsAccept") == [True]
    assert seen(events, "keydown", "messageBox") == [True]
    assert seen(events, "click", "send") == [True]
    assert seen(events, "input", "messageBox") == [True, False]
    assert seen(events, "click", "modelPicker") == [False]


async def test_stop_ends_the_answer_and_keeps_what_was_said(page: Page, visitor: Visitor):
    await open_direct(page)
    assert not await page.is_visible(ON.stop)
    await ask(page, LONG)
    await expect(page.locator(".lane .text")).to_contain_text("You said")

    await page.click(ON.stop)

    await answered(page)
    await expect(page.locator(ON.stop)).to_be_hidden()
    assert len(await visitor.noted("stop")) == 1
    assert await visitor.journal("disconnect") == []


async def test_where_stop_changes_nothing_the_page_drops_the_stream(page: Page, visitor: Visitor):
    await open_direct(page)
    await ask(page, "[[demo fault=stall after=2]] Hello")
    await expect(page.locator(".lane .text")).not_to_be_empty()

    await page.click(ON.stop)

    assert len(await visitor.noted("disconnect")) == 1
    await expect(page.locator(ON.stop)).to_be_hidden()


async def test_a_page_that_closes_drops_its_stream(page: Page, visitor: Visitor):
    await open_direct(page)
    await ask(page, LONG)
    await expect(page.locator(".lane .text")).to_contain_text("You said")

    await page.goto("about:blank")

    assert len(await visitor.noted("disconnect")) == 1


async def test_a_reply_can_be_asked_for_once_more(page: Page, visitor: Visitor):
    await open_direct(page)
    await ask(page, "Hello")

    await page.get_by_role("button", name="Retry").click()

    await visitor.noted("retry")
    await answered(page)
    await expect(page.locator(".lane .text")).to_contain_text(OPENING)


async def test_a_battle_hides_its_models_until_the_vote(page: Page, visitor: Visitor):
    await open_direct(page, "/text")
    await expect(page.locator(ON.model_picker)).to_have_count(0)
    await ask(page, "Hello")
    await answered(page)
    assert await page.locator(".lane h3").all_inner_texts() == ["Assistant A", "Assistant B"]

    await page.get_by_role("button", name="B is better").click()

    await visitor.noted("vote")
    await expect(page.locator(".lane h3").first).not_to_have_text("Assistant A")
    (chat,) = await visitor.journal("chat")
    assert (chat["mode"], chat["modelAId"], chat["modelBId"]) == ("battle", None, None)


async def test_side_by_side_asks_the_two_models_picked(page: Page, visitor: Visitor):
    await open_direct(page, "/text/side-by-side?model_a=tide-max&model_b=fern-vision")
    await expect(page.locator(ON.model_picker)).to_have_text(["tide-max", "fern-vision"])

    await ask(page, "Hello")

    await expect(page.locator(".lane .text")).to_have_count(2)
    (chat,) = await visitor.noted("chat")
    assert chat["modelAId"] != chat["modelBId"]


@pytest.mark.parametrize("fault", ["reload", "navigate"])
async def test_a_page_can_leave_its_answer_in_the_middle(page: Page, visitor: Visitor, fault: str):
    await open_direct(page)

    await ask(page, f"[[demo fault={fault} after=5 tokens=2000 pace_ms=20]] Hello")

    assert len(await visitor.noted("disconnect")) == 1
    await page.wait_for_url("**/c/*" if fault == "reload" else "**/text/direct")


@pytest.mark.parametrize("fault", ["termsOnTop", "stuckSubmit"])
async def test_a_failure_can_begin_while_a_message_is_typed(page: Page, visitor: Visitor, fault: str):
    await open_direct(page)
    await visitor.fail(fault, times=1)

    await page.fill(ON.message_box, "Hello")

    if fault == "termsOnTop":
        await page.click(ON.terms_accept)
        await page.click(ON.send)
        await answered(page)
    else:
        with pytest.raises(PlaywrightTimeout):
            await page.click(ON.send, timeout=500)


async def test_the_message_box_can_have_another_name(page: Page, visitor: Visitor):
    await visitor.fail("renamedSelector", times=1)

    await page.goto("/text/direct")

    await expect(page.locator(ON.model_picker)).to_be_enabled()
    await expect(page.locator(ON.message_box)).to_have_count(0)


async def test_a_challenge_shows_until_a_person_presses_its_button(page: Page, visitor: Visitor):
    await visitor.fail("challengePage")
    await page.goto("/text/direct")
    await expect(page.locator(ON.challenge)).to_be_visible()
    assert await page.title() == "Just a moment..."

    await page.get_by_role("button", name="I am a person").click()

    await expect(page.locator(ON.message_box)).to_be_visible()


async def test_a_refused_message_says_so(page: Page):
    await open_direct(page)

    await ask(page, "[[demo fault=rateLimited]] Hello")

    await expect(page.get_by_role("alert")).to_contain_text("429")


class TestWithSignIn:
    @pytest.fixture
    def settings(self) -> DemoSiteSettings:
        return DemoSiteSettings(tokens=20, pace_ms=1, sign_in=True, terms=False, cookie_banner=False)

    async def test_a_wall_asks_to_log_in(self, page: Page):
        await page.goto("/text/direct")
        await expect(page.locator(ON.login_wall)).to_be_visible()

        await page.fill("input[name=email]", "a@example.org")
        await page.fill("input[name=password]", "secret")
        await page.get_by_role("button", name="Log in").click()

        await expect(page.locator(ON.login_wall)).to_have_count(0)
        await ask(page, "Hello")
        await expect(page.locator(".lane .text")).to_contain_text(OPENING)
