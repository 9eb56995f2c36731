"""What a request asks of this instance: which model, which text; or why it cannot be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bridge_api.chat import ChatCompletionRequest
from bridge_api.conversation import Parties, Turn
from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.model_names import offered, site_name, without_pool
from bridge_api.spec.pool import Affinity
from bridge_browser.chats import Message
from bridge_browser.conversation import Thread
from bridge_browser.live_pool import LivePool
from bridge_browser.sites.base import CatalogModel
from bridge_browser.stream import Limits
from bridge_browser.transcript import text_to_type


class Asked(NamedTuple):
    """A request, and who makes it."""

    request: ChatCompletionRequest
    turns: Sequence[Turn]
    """Its messages as far as they can be a page's conversation."""

    key_id: str


@dataclass(frozen=True, slots=True)
class Intake:
    """The rules of a pool for what it takes."""

    pool: LivePool
    max_message_characters: int
    conversation_secret: bytes

    def message(
        self,
        asked: Asked,
        models: Sequence[str],
        find: Callable[[str], CatalogModel | None],
    ) -> Message:
        """Make the message that is to be sent; `models` are the site's names.

        Raises:
            BridgeError: The model is not offered, or nothing is said.
        """
        request = asked.request
        model = find(self._wanted(request.model, models))
        if model is None:
            raise not_found(request.model)
        text = text_to_type(request.messages)
        if not text.strip():
            raise BridgeError(ErrorKind.BAD_REQUEST, "The last message is empty.", param="messages")
        return Message(
            model,
            text,
            Limits(request.stop_sequences, request.token_limit),
            self.max_message_characters,
            new_text=request.messages[-1].text,
            has_history=any(message.role == "assistant" for message in request.messages),
            thread=self._thread(asked, model),
        )

    def _thread(self, asked: Asked, model: CatalogModel) -> Thread | None:
        if self.pool.spec.load_balancing.affinity is Affinity.NONE:
            return None
        return Thread(self.conversation_secret, Parties(asked.key_id, model.offered.id), asked.turns)

    def offered(self, models: Sequence[str]) -> list[str]:
        """List the names that clients may use."""
        return offered(self.pool.spec.models, models)

    def _wanted(self, requested: str | None, models: Sequence[str]) -> str:
        name = site_name(self.pool.spec.models, requested, self.pool.key)
        if name is None:
            raise BridgeError(
                ErrorKind.BAD_REQUEST, "model is required: the pool has no default.", param="model"
            )
        allowed = self.offered(models)
        asked = without_pool(requested or name, self.pool.key)
        if name not in allowed and asked not in allowed:
            raise not_found(requested)
        return name


def not_found(requested: str | None) -> BridgeError:
    """Make the error for a model that is not offered."""
    return BridgeError(
        ErrorKind.MODEL_NOT_FOUND, f"The model {requested!r} is not offered here.", param="model"
    )
