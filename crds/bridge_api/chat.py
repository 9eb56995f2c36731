"""The chat completion request: what is accepted, ignored and refused.

Source: OpenAI API reference, "Create chat completion". The site takes text only, so parameters that a site cannot
honour are either harmless (ignored, and named in `x-bridge-ignored`) or would change the answer's shape (refused).
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bridge_api.errors import BridgeError, ErrorKind

IGNORED_PARAMETERS: Final = (
    "temperature",
    "top_p",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "reasoning_effort",
    "service_tier",
    "store",
    "metadata",
    "prediction",
    "verbosity",
    "prompt_cache_key",
    "safety_identifier",
)
"""Sampling and housekeeping parameters that a chat page has no control for."""

REFUSED_PARAMETERS: Final = (
    "logprobs",
    "top_logprobs",
    "tools",
    "tool_choice",
    "functions",
    "function_call",
    "audio",
    "web_search_options",
)
"""Parameters whose answer would have a shape that a chat page cannot give."""


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


class Message(BaseModel):
    """One message of the conversation, text only."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]

    @property
    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatCompletionRequest(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    model: str | None = None
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    stop: str | Annotated[list[str], Field(max_length=16)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None

    @property
    def include_usage(self) -> bool:
        return not self.stream or (self.stream_options is not None and self.stream_options.include_usage)

    @property
    def stop_sequences(self) -> tuple[str, ...]:
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return tuple(sequence for sequence in given if sequence)

    @property
    def token_limit(self) -> int | None:
        return self.max_completion_tokens if self.max_completion_tokens is not None else self.max_tokens


def parse_request(body: Any) -> ChatCompletionRequest:
    """Check a decoded JSON body.

    Raises:
        BridgeError: 400 with the parameter's path, in OpenAI's shape.
    """
    if not isinstance(body, dict):
        raise BridgeError(ErrorKind.BAD_REQUEST, "The body must be a JSON object.")
    _refuse_what_changes_the_shape(body)
    try:
        return ChatCompletionRequest.model_validate(body)
    except ValidationError as invalid:
        raise _first_mistake(invalid) from None


def ignored_parameters(body: dict[str, Any]) -> list[str]:
    """List the parameters of a body that have no effect on a chat page."""
    return [name for name in IGNORED_PARAMETERS if body.get(name) is not None]


def _refuse_what_changes_the_shape(body: dict[str, Any]) -> None:
    for name in REFUSED_PARAMETERS:
        if body.get(name) not in (None, False, [], "none"):
            raise _unsupported(name, f"{name} is not supported: the site's chat page has nothing like it.")
    if body.get("n") not in (None, 1):
        raise _unsupported("n", "n must be 1: a direct chat has one answer.")
    response_format = body.get("response_format")
    if isinstance(response_format, dict) and response_format.get("type") not in (None, "text"):
        raise _unsupported(
            "response_format", "response_format must be text: the site's chat page cannot be held to JSON."
        )
    if body.get("modalities") not in (None, ["text"]):
        raise _unsupported("modalities", 'modalities must be ["text"].')
    for index, message in enumerate(messages if isinstance(messages := body.get("messages"), list) else []):
        _refuse_parts_other_than_text(message, f"messages.{index}")


def _refuse_parts_other_than_text(message: Any, path: str) -> None:
    content = message.get("content") if isinstance(message, dict) else None
    for index, part in enumerate(content if isinstance(content, list) else []):
        kind = part.get("type") if isinstance(part, dict) else None
        if isinstance(kind, str) and kind != "text":
            raise _unsupported(
                f"{path}.content.{index}.type", f"Content of type {kind!r} is not supported; send text."
            )


def _unsupported(param: str, message: str) -> BridgeError:
    return BridgeError(ErrorKind.UNSUPPORTED_PARAMETER, message, param=param)


def _first_mistake(invalid: ValidationError) -> BridgeError:
    mistake = invalid.errors(include_url=False, include_input=False)[0]
    param = ".".join(str(step) for step in mistake["loc"] if step not in ("str", "list[TextPart]"))
    return BridgeError(ErrorKind.BAD_REQUEST, f"{param}: {mistake['msg']}", param=param or None)
