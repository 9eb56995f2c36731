"""The body of a chat call, and what the site refuses about it."""

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from bridge_demo_site.state.modes import Mode


class Refusal(NamedTuple):
    """A call that is not answered: the status and the site's words."""

    status: int
    error: str


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")


class UserMessage(_Body):
    content: str = ""
    attachments: list[dict[str, Any]] = Field(default=[], alias="experimental_attachments")


class ChatBody(_Body):
    """What the page sends for a new chat or a further message; its ids are made by the page."""

    id: str = Field(min_length=1)
    mode: Mode
    model_a_id: str | None = None
    model_b_id: str | None = None
    user_message_id: str = Field(min_length=1)
    model_a_message_id: str = Field(min_length=1)
    model_b_message_id: str | None = None
    user_message: UserMessage
    modality: str = "chat"


def parse_body(data: bytes) -> ChatBody | Refusal:
    try:
        return ChatBody.model_validate_json(data)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False)[0]
        return Refusal(400, f"Invalid request: {'.'.join(map(str, first['loc']))}: {first['msg']}")


def refusal_of_content(body: ChatBody) -> Refusal | None:
    """Refuse what no conversation can take."""
    if not body.user_message.content.strip() and not body.user_message.attachments:
        return Refusal(400, "Message content cannot be empty")
    if body.mode is not Mode.DIRECT and not body.model_b_message_id:
        return Refusal(400, f"Missing modelBMessageId for {body.mode} mode")
    ids = [body.user_message_id, body.model_a_message_id, body.model_b_message_id]
    given = [message_id for message_id in ids if message_id]
    if len(set(given)) != len(given):
        return Refusal(400, "Duplicate message id")
    return None


def refusal_of_models(body: ChatBody, selectable: list[str]) -> Refusal | None:
    """Refuse a new chat whose models do not fit its mode."""
    given = [model for model in (body.model_a_id, body.model_b_id) if model]
    wanted = {Mode.BATTLE: 0, Mode.DIRECT: 1, Mode.SIDE_BY_SIDE: 2}[body.mode]
    if body.mode is Mode.BATTLE and given:
        return Refusal(400, "Cannot pass model for battle mode")
    if body.mode is Mode.DIRECT and (body.model_b_id or not body.model_a_id):
        return Refusal(400, "Direct mode takes modelAId and no modelBId")
    if len(given) != wanted:
        return Refusal(400, f"Missing model for {body.mode} mode")
    unknown = [model for model in given if model not in selectable]
    return Refusal(400, f"Model {unknown[0]} cannot be selected") if unknown else None
