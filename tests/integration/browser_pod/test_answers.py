"""Chats that go well: what the client gets is what the site said, and the site saw a person's gestures only."""

import pytest

from tests.integration.browser_pod.stage import ANSWER_TO_HELLO, HELLO, Pod, events_of, together

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

OWN_CALLS = {"page", "catalog", "event", "chat"}


async def test_a_whole_answer_is_the_sites_reply(pod: Pod) -> None:
    answer = await pod.answer(HELLO)

    choice = answer["choices"][0]
    assert choice["message"]["content"].startswith(ANSWER_TO_HELLO)
    assert (choice["message"]["role"], choice["finish_reason"]) == ("assistant", "stop")
    assert answer["usage"]["completion_tokens"] > 0
    assert "estimated" not in answer["usage"]


async def test_a_stream_is_the_same_answer_in_pieces(pod: Pod) -> None:
    whole = await pod.text(HELLO)

    async with pod.chat(HELLO, stream=True, stream_options={"include_usage": True}) as response:
        events = [event async for event in events_of(response)]

    deltas = [event["choices"][0]["delta"] for event in events[:-2]]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert "".join(delta.get("content", "") for delta in deltas) == whole
    assert len(deltas) > 8
    assert events[-3]["choices"][0]["finish_reason"] == "stop"
    assert events[-2]["usage"]["total_tokens"] > 0
    assert events[-1] == "[DONE]"


async def test_usage_is_not_streamed_unasked(pod: Pod) -> None:
    async with pod.chat(HELLO, stream=True) as response:
        events = [event async for event in events_of(response)]

    assert not any("usage" in event for event in events[:-1])


async def test_reasoning_goes_out_as_reasoning(pod: Pod) -> None:
    answer = await pod.answer("Hello [[demo tokens=10 pace_ms=1 reasoning=5]]")

    message = answer["choices"][0]["message"]
    assert message["reasoning_content"].startswith("Let me think")
    assert message["content"].startswith(ANSWER_TO_HELLO)


async def test_citations_and_images_stand_beside_the_text(pod: Pod) -> None:
    answer = await pod.answer("Hello [[demo tokens=10 pace_ms=1 citations=2 images=1]]")

    message = answer["choices"][0]["message"]
    assert message["content"].startswith(ANSWER_TO_HELLO)
    assert "![image](" in message["content"]
    assert [annotation["type"] for annotation in message["annotations"]] == ["url_citation"] * 2


async def test_the_site_sees_trusted_gestures_and_nothing_but_the_pages_own_calls(pod: Pod) -> None:
    for _ in range(2):
        await pod.text(HELLO)
    await pod.site.wait_for("catalog")  # of the page that is opened anew, for both hold a conversation now

    journal = await pod.site.journal()
    events = [entry for entry in journal if entry["kind"] == "event"]
    assert {entry["kind"] for entry in journal} == OWN_CALLS
    assert all(event["trusted"] for event in events)
    gestures = [(event["type"], event["target"]) for event in events]
    assert gestures[-4:] == [
        ("click", "modelOption"),
        ("click", "messageBox"),
        ("input", "messageBox"),
        ("click", "send"),
    ]
    assert not any(kind == "keydown" for kind, _ in gestures)
    chat = (await pod.site.journal("chat"))[0]
    assert (chat["mode"], chat["follow_up"], chat["content"]) == ("direct", False, HELLO)


async def test_every_message_of_the_history_is_typed(pod: Pod) -> None:
    messages = [
        {"role": "system", "content": "Speak like a pirate."},
        {"role": "user", "content": "First question\nwith two lines"},
        {"role": "assistant", "content": "First answer"},
        {"role": "user", "content": "Second question [[demo tokens=5 pace_ms=1]]"},
    ]

    await pod.text(messages=messages)

    typed = (await pod.site.journal("chat"))[0]["content"]
    positions = [typed.index(message["content"]) for message in messages]
    assert positions == sorted(positions)


async def test_models_of_one_name_have_names_of_their_own(pod: Pod) -> None:
    async with pod.http.get(f"{pod.url}/v1/models") as response:
        models = {model["id"]: model["owned_by"] for model in (await response.json())["data"]}
    twins = [name for name in models if name.startswith("atlas-2-") and "preview" not in name]

    for name in twins:
        assert (await pod.answer(HELLO, model=name))["model"] == name

    asked = [entry["modelAId"] for entry in await pod.site.journal("chat")]
    assert len(twins) == 2
    assert [f"atlas-2-{model[:4]}" for model in asked] == twins
    assert "atlas-2" not in models
    assert models["lumen-pro"] == "lumen"


async def test_a_stop_sequence_ends_the_answer_before_it_and_stops_the_site(pod: Pod) -> None:
    answer = await pod.answer("Hello [[demo tokens=400 pace_ms=10]]", stop=["our conversation"])

    assert answer["choices"][0]["message"]["content"] == 'You said: "Hello". This is turn 1 of '
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"]["estimated"] is True
    await pod.site.wait_for("stop")
    await pod.wait_until("Ready", "Ready")


async def test_a_token_limit_cuts_the_answer_and_stops_the_site(pod: Pod) -> None:
    answer = await pod.answer("Hello [[demo tokens=400 pace_ms=10]]", max_tokens=5)

    assert answer["choices"][0]["message"]["content"] == ANSWER_TO_HELLO[:20]
    assert answer["choices"][0]["finish_reason"] == "length"
    await pod.site.wait_for("stop")
    await pod.wait_until("Ready", "Ready")


async def test_two_chats_at_once_do_not_mix(pod: Pod) -> None:
    left, right = await together(
        pod.text("Left [[demo tokens=60 pace_ms=5]]"), pod.text("Right [[demo tokens=60 pace_ms=5]]")
    )

    assert left.startswith('You said: "Left".')
    assert right.startswith('You said: "Right".')
    contexts = {entry["context"] for entry in await pod.site.journal("chat")}
    assert len(contexts) == 2


async def test_model_text_with_the_words_of_a_challenge_is_an_answer(pod: Pod) -> None:
    words = "<title>Just a moment...</title> window._cf_chl_opt LOGIN_GATE"

    text = await pod.text(f"{words} [[demo tokens=20 pace_ms=1]]")

    assert words in text
    await pod.wait_until("Ready", "Ready")


async def test_a_long_message_arrives_whole(pod: Pod) -> None:
    message = "0123456789 é\n" * 6000

    await pod.text(message + "end [[demo tokens=5 pace_ms=1]]")

    assert (await pod.site.journal("chat"))[0]["content"].startswith(message)


async def test_one_model_is_shown_as_in_the_list(pod: Pod) -> None:
    async with pod.http.get(f"{pod.url}/v1/models") as answer:
        listed = {model["id"]: model for model in (await answer.json())["data"]}

    async with pod.http.get(f"{pod.url}/v1/models/lumen-pro") as answer:
        assert await answer.json() == listed["lumen-pro"]


async def test_a_model_that_is_not_offered_is_not_shown(pod: Pod) -> None:
    async with pod.http.get(f"{pod.url}/v1/models/no-such/model") as answer:
        refusal = await answer.json()

    assert answer.status == 404
    assert refusal["error"]["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("given", "kept"), [("req-of-a-client", True), ("x" * 200, False), ("r\xe9q", False)]
)
async def test_a_request_id_is_kept_where_it_is_sane(pod: Pod, given: str, kept: bool) -> None:
    path = f"{pod.url}/v1/chat/completions"
    async with pod.http.post(path, json={}, headers={"x-request-id": given}) as answer:
        assert (answer.headers["x-request-id"] == given) is kept
