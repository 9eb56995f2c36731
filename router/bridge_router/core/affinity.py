"""Which endpoint holds the conversation that a request goes on with: names are compared, texts never leave the request."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bridge_api.conversation import Parties, Turn, conversation_name, conversation_secret, history_of
from bridge_api.model_names import site_name
from bridge_api.pool import BridgeInstancePool
from bridge_api.spec.pool import Affinity
from bridge_router.core.endpoint import Endpoint


class Past(NamedTuple):
    """Who asks which model, and what was said before."""

    model: str | None = None
    key_id: str = ""
    turns: Sequence[Turn] = ()

    def name_in(self, pool: BridgeInstancePool, pool_token: str | None) -> str | None:
        """Name the conversation as a pool's instances would; None where no page of it can hold that."""
        history = history_of(self.turns)
        model = site_name(pool.spec.models, self.model, pool.key)
        if not history or model is None or pool.spec.load_balancing.affinity is Affinity.NONE:
            return None
        return conversation_name(conversation_secret(pool_token), Parties(self.key_id, model), history)


def holder_of(conversation: str | None, endpoints: Iterable[Endpoint]) -> Endpoint | None:
    """Find the endpoint with a free slot whose page holds a conversation."""
    if conversation is None:
        return None
    return next((endpoint for endpoint in endpoints if endpoint.holds(conversation)), None)
