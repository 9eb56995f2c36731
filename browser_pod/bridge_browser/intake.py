"""What a request asks of this instance: which model, which text; or why it cannot be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge_api.chat import ChatCompletionRequest
from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.model_names import offered, site_name
from bridge_browser.chats import Message
from bridge_browser.live_pool import LivePool
from bridge_browser.sites.base import CatalogModel
from bridge_browser.stream import Limits
from bridge_browser.transcript import text_to_type


@dataclass(frozen=True, slots=True)
class Intake:
    """The rules of a pool for what it takes."""

    pool: LivePool
    max_message_characters: int

    def message(
        self,
        request: ChatCompletionRequest,
        models: Sequence[str],
        find: Callable[[str], CatalogModel | None],
    ) -> Message:
        """Make the message that is to be sent; `models` are the site's names.

        Raises:
            BridgeError: The model is not offered, or the chat is too long for the site.
        """
        model = find(self._wanted(request.model, models))
        if model is None:
            raise not_found(request.model)
        text = text_to_type(request.messages)
        if not text.strip():
            raise BridgeError(ErrorKind.BAD_REQUEST, "The last message is empty.", param="messages")
        if len(text) > self.max_message_characters:
            raise BridgeError(
                ErrorKind.CONTEXT_LENGTH_EXCEEDED,
                f"The chat has {len(text)} characters as one text; the site takes {self.max_message_characters}.",
                param="messages",
            )
        return Message(model, text, Limits(request.stop_sequences, request.token_limit))

    def offered(self, models: Sequence[str]) -> list[str]:
        """List the names that clients may use."""
        return offered(self.pool.spec.models, models)

    def _wanted(self, requested: str | None, models: Sequence[str]) -> str:
        name = site_name(self.pool.spec.models, requested, self.pool.name)
        if name is None:
            raise BridgeError(
                ErrorKind.BAD_REQUEST, "model is required: the pool has no default.", param="model"
            )
        allowed = self.offered(models)
        asked = (requested or name).removeprefix(f"{self.pool.name}/")
        if name not in allowed and asked not in allowed:
            raise not_found(requested)
        return name


def not_found(requested: str | None) -> BridgeError:
    """Make the error for a model that is not offered."""
    return BridgeError(
        ErrorKind.MODEL_NOT_FOUND, f"The model {requested!r} is not offered here.", param="model"
    )
