"""What a request asks of an instance: the model and the text, or why it cannot be."""

from collections.abc import Sequence
from typing import Any

import pytest

from bridge_api.chat import parse_request
from bridge_api.conversation import read_turns
from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.instance import SiteModel
from bridge_browser.chats import Message
from bridge_browser.intake import Asked, Intake
from bridge_browser.live_pool import LivePool
from bridge_browser.sites.base import CatalogModel

MODELS = {
    name: CatalogModel(f"id-{name}", name, SiteModel(id=name)) for name in ("atlas", "atlas-mini", "quill")
}


def take(
    model: str | None,
    text: str = "Hello",
    *,
    history: Sequence[str] = (),
    affinity: str = "Conversation",
    **models: Any,
) -> Message:
    """Take a request whose `history` is by user and assistant in turn."""
    spec = {
        "site": {"adapter": "arena", "url": "http://site"},
        "models": models,
        "loadBalancing": {"affinity": affinity},
    }
    pool = BridgeInstancePool.model_validate({"metadata": {"name": "demo"}, "spec": spec})
    roles = ("user", "assistant")
    said = [{"role": roles[n % 2], "content": content} for n, content in enumerate([*history, text])]
    body = {"model": model, "messages": said, "max_tokens": 5, "stop": "x"}
    asked = Asked(parse_request(body), read_turns(body["messages"]), "laptop")
    return Intake(LivePool(pool), 100, b"secret").message(asked, list(MODELS), MODELS.get)


@pytest.mark.parametrize(
    ("asked", "models", "picked"),
    [
        ("atlas", {}, "atlas"),
        ("demo/atlas", {}, "atlas"),
        ("fast", {"aliases": {"fast": "atlas-mini"}}, "atlas-mini"),
        ("demo/fast", {"aliases": {"fast": "atlas-mini"}}, "atlas-mini"),
        (None, {"default": "quill"}, "quill"),
        (None, {"default": "fast", "aliases": {"fast": "atlas"}}, "atlas"),
    ],
)
def test_the_wanted_model_is_found(asked: str | None, models: dict[str, Any], picked: str) -> None:
    assert take(asked, **models).model.name == picked


@pytest.mark.parametrize(
    ("asked", "models", "kind"),
    [
        ("nothing", {}, ErrorKind.MODEL_NOT_FOUND),
        ("quill", {"include": ["atlas*"]}, ErrorKind.MODEL_NOT_FOUND),
        ("fast", {"aliases": {"fast": "gone"}}, ErrorKind.MODEL_NOT_FOUND),
        ("fast", {"aliases": {"fast": "quill"}, "include": ["atlas*"]}, ErrorKind.MODEL_NOT_FOUND),
        (None, {}, ErrorKind.BAD_REQUEST),
    ],
)
def test_no_other_model_answers_in_its_place(
    asked: str | None, models: dict[str, Any], kind: ErrorKind
) -> None:
    with pytest.raises(BridgeError) as refused:
        take(asked, **models)

    assert refused.value.kind is kind


def test_an_empty_message_is_refused() -> None:
    with pytest.raises(BridgeError) as refused:
        take("atlas", " \n")

    assert refused.value.kind is ErrorKind.BAD_REQUEST


@pytest.mark.parametrize(
    ("history", "new", "further", "refused"),
    [
        pytest.param([], "x" * 100, False, False, id="as long as the site takes"),
        pytest.param([], "x" * 101, False, True, id="longer"),
        pytest.param(["x" * 90, "y"], "z", False, True, id="a history that is too long for a new chat"),
        pytest.param(["x" * 90, "y"], "z" * 100, True, False, id="of which only the new message is typed"),
        pytest.param(["x", "y"], "z" * 101, True, True, id="a new message that is too long"),
    ],
)
def test_the_sites_limit_is_for_what_is_typed(
    history: list[str], new: str, further: bool, refused: bool
) -> None:
    message = take("atlas", new, history=history)

    if refused:
        with pytest.raises(BridgeError) as error:
            message.text_to_type(further=further)
        assert error.value.kind is ErrorKind.CONTEXT_LENGTH_EXCEEDED
    else:
        assert message.text_to_type(further=further) == new


@pytest.mark.parametrize(
    ("history", "affinity", "further", "word"),
    [
        ([], "Conversation", False, "none"),
        (["x", "y"], "Conversation", False, "miss"),
        (["x", "y"], "Conversation", True, "hit"),
        (["x", "y"], "None", False, "none"),
    ],
)
def test_the_word_on_affinity(history: list[str], affinity: str, further: bool, word: str) -> None:
    assert take("atlas", history=history, affinity=affinity).affinity(further=further).value == word


def test_an_alias_is_the_same_conversation_and_another_model_is_not() -> None:
    by_alias = take("fast", history=["x", "y"], aliases={"fast": "atlas"}).thread
    by_name, other = take("atlas", history=["x", "y"]).thread, take("quill", history=["x", "y"]).thread

    names = [thread.continues for thread in (by_alias, by_name, other) if thread]
    assert names[0] == names[1] != names[2]
    assert None not in names


def test_the_clients_limits_come_along() -> None:
    limits = take("atlas").limits

    assert (limits.stop_sequences, limits.max_tokens) == (("x",), 5)
