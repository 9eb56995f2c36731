"""Login, the list of models, and the control API."""

import json

import pytest

from bridge_demo_site.settings import DemoSiteSettings
from tests.integration.demo_site.conftest import NewVisitor
from tests.integration.demo_site.visitor import Visitor


class TestWithSignIn:
    @pytest.fixture
    def settings(self) -> DemoSiteSettings:
        return DemoSiteSettings(tokens=20, pace_ms=1, sign_in=True)

    async def test_nobody_chats_before_logging_in(self, visitor: Visitor):
        assert (await visitor.call("GET", "/api/me")).status == 401
        refused = await visitor.create("Hello")
        assert (refused.status, refused.error) == (401, "LOGIN_GATE")

        login = await visitor.call("POST", "/api/login", {"email": "a@example.org", "password": "x"})

        assert "arena-auth-prod-v1=base64-" in login.headers["Set-Cookie"].replace('"', "")
        me = json.loads((await visitor.call("GET", "/api/me")).body)
        assert me["user"]["email"] == "a@example.org"
        assert (await visitor.create("Hello")).status == 200

    async def test_a_login_needs_an_address_and_a_password(self, visitor: Visitor):
        assert (await visitor.call("POST", "/api/login", {"email": "", "password": ""})).status == 400
        assert (await visitor.call("POST", "/api/login", {})).status == 400


async def test_each_visitor_is_known_by_a_cookie(new_visitor: NewVisitor):
    one, other = await new_visitor(), await new_visitor()

    for visitor in (one, one, other):
        await visitor.call("GET", "/text/direct")

    contexts = [entry["context"] for entry in await one.journal("page")]
    assert contexts[0] == contexts[1] != contexts[2]


async def test_the_list_of_models_is_noted(visitor: Visitor):
    catalog = json.loads((await visitor.call("GET", "/nextjs-api/model-catalog")).body)

    assert catalog[0]["arena"] == "text"
    assert len(await visitor.journal("catalog")) == 1


async def test_the_journal_can_be_emptied(visitor: Visitor):
    await visitor.call("GET", "/text")
    assert [entry["path"] for entry in await visitor.journal("page")] == ["/text"]

    await visitor.call("DELETE", "/_demo/journal")

    assert await visitor.journal("page") == []


async def test_the_wanted_failures_are_listed(visitor: Visitor):
    await visitor.fail("cut", times=2, after=3)

    (fault,) = json.loads((await visitor.call("GET", "/_demo/faults")).body)["faults"]

    assert (fault["fault"], fault["times"], fault["after"]) == ("cut", 2, 3)


@pytest.mark.parametrize("path", ["/", "/text", "/text/direct", "/text/side-by-side", "/static/app.js"])
async def test_every_page_is_there(visitor: Visitor, path: str):
    assert (await visitor.call("GET", path)).status == 200


async def test_a_conversation_has_a_page_with_its_history(visitor: Visitor):
    await visitor.create("</script> Hello")

    page = await visitor.call("GET", f"/c/{visitor.session_id}")

    assert page.status == 200
    assert b"This is turn 1 of our conversation." in page.body
    assert page.body.count(b"</script>") == 2
