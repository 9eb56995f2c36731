"""The calls of a chat answer as the site's do."""

import asyncio

import pytest

from bridge_demo_site.site import DemoSite
from tests.integration.demo_site.conftest import NewVisitor
from tests.integration.demo_site.visitor import MODEL, Visitor

BATTLE = {"mode": "battle", "modelAId": None, "modelBMessageId": "reply-b"}


async def test_an_answer_quotes_the_message_and_ends_with_its_usage(visitor: Visitor):
    answer = await visitor.create("Hello")

    assert answer.status == 200
    assert answer.text().startswith('You said: "Hello". This is turn 1 of our conversation.')
    assert answer.records[-1][1] == "d"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


async def test_a_further_message_is_the_next_turn(visitor: Visitor):
    await visitor.create("Hello")

    answer = await visitor.follow_up("And then?")

    assert answer.text().startswith('You said: "And then?". This is turn 2 of our conversation.')


async def test_a_reply_can_be_asked_for_once_more(visitor: Visitor):
    first = await visitor.create("Hello")

    again = await visitor.retry()

    assert again.text() == first.text()
    assert (await visitor.follow_up("Next")).text().startswith('You said: "Next". This is turn 2')
    assert [entry["sessionId"] for entry in await visitor.journal("retry")] == [visitor.session_id]


async def test_a_refused_retry_leaves_the_conversation_as_it_was(visitor: Visitor):
    await visitor.create("Hello")
    await visitor.fail("rateLimited", times=1)

    assert (await visitor.retry()).status == 429

    assert (await visitor.retry()).text().startswith('You said: "Hello". This is turn 1')


async def test_the_same_message_gets_the_same_answer_from_the_same_seed(new_visitor: NewVisitor):
    answers = [await (await new_visitor()).create("Hello", modelAMessageId="same") for _ in range(2)]

    assert answers[0].body == answers[1].body


async def test_a_battle_answers_in_two_lanes_and_a_vote_reveals_the_models(visitor: Visitor):
    answer = await visitor.create("Hello", **BATTLE)
    vote = await visitor.call("POST", "/api/vote", {"session_id": visitor.session_id, "choice": "a"})

    assert answer.text("a") == answer.text("b") != ""
    assert vote.status == 200
    assert b'"a": "' in vote.body
    assert [entry["choice"] for entry in await visitor.journal("vote")] == ["a"]


async def test_the_journal_tells_what_arrived_and_from_whom(visitor: Visitor):
    await visitor.create("Hello")
    await visitor.follow_up("More")

    first, second = await visitor.journal("chat")
    assert (first["content"], first["mode"], first["modelAId"], first["follow_up"]) == (
        "Hello",
        "direct",
        MODEL,
        False,
    )
    assert (second["content"], second["follow_up"]) == ("More", True)
    assert first["sessionId"] == second["sessionId"] == visitor.session_id
    assert first["context"] == second["context"] != ""


async def test_a_stop_ends_the_stream_with_a_finished_lane(visitor: Visitor):
    answering = asyncio.create_task(visitor.create("[[demo tokens=2000 pace_ms=20]] Hello"))
    await visitor.noted("chat")

    stopped = await visitor.stop()
    answer = await answering

    assert stopped.body == b'{"stopped": true}'
    assert answer.records[-1] == ("a", "d", {"finishReason": "stop"})
    assert len(answer.text()) < 2000
    assert len(await visitor.journal("stop")) == 1


async def test_a_stop_without_an_answer_stops_nothing(visitor: Visitor):
    await visitor.create("Hello")

    assert (await visitor.stop()).body == b'{"stopped": false}'


async def test_a_visitor_who_leaves_is_noted_and_what_was_said_is_kept(visitor: Visitor, site: DemoSite):
    async with visitor.http.post(
        "/nextjs-api/stream/create-evaluation",
        json=visitor.body("[[demo tokens=2000 pace_ms=20]] Hello"),
    ) as response:
        while b'a0:"' not in await response.content.readany():
            pass

    assert [entry["sessionId"] for entry in await visitor.noted("disconnect")] == [visitor.session_id]
    assert site.running == {}
    assert (await visitor.follow_up("Back")).text().startswith('You said: "Back". This is turn 2')


async def test_another_visitors_conversation_is_refused(visitor: Visitor, new_visitor: NewVisitor):
    await visitor.create("Hello")
    stranger = await new_visitor()
    stranger.session_id, stranger.last_reply_id = visitor.session_id, visitor.last_reply_id

    for answer in (await stranger.retry(), await stranger.follow_up("Me too"), await stranger.stop()):
        assert answer.status == 401
        assert f"does not have access to evaluation session {visitor.session_id}" in answer.error
    assert (await stranger.call("GET", f"/c/{visitor.session_id}")).status == 404


async def test_a_conversation_that_never_was_is_not_found(visitor: Visitor):
    assert (await visitor.follow_up("Hello")).status == 404


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"userMessage": {"content": ""}}, "Message content cannot be empty"),
        ({"mode": "battle", "modelBMessageId": "b"}, "Cannot pass model for battle mode"),
        ({"modelAId": None}, "Direct mode takes modelAId and no modelBId"),
        ({"modelAId": "none-of-ours"}, "Model none-of-ours cannot be selected"),
    ],
)
async def test_a_senseless_new_chat_is_refused(visitor: Visitor, fields: dict[str, object], error: str):
    answer = await visitor.create("Hello", **fields)

    assert (answer.status, answer.error) == (400, error)


async def test_an_id_cannot_be_used_twice(visitor: Visitor):
    await visitor.create("Hello")

    assert (await visitor.create("Hello again")).error == "Duplicate evaluation session id"
    again = visitor.body("Hello") | {"userMessageId": "m1", "modelAMessageId": "m2"}
    assert (await visitor.call("POST", visitor.follow_up_path, again)).status == 200
    assert (await visitor.call("POST", visitor.follow_up_path, again)).error == "Duplicate message id"


async def test_a_body_above_five_megabytes_is_too_large(visitor: Visitor):
    assert (await visitor.create("x" * 5_100_000)).status == 413


async def test_a_bad_marker_is_named(visitor: Visitor):
    answer = await visitor.create("[[demo fault=unheard]] Hello")

    assert answer.status == 400
    assert "fault" in answer.error
