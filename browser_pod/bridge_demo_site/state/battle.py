"""Which models answer in which lane, and what a vote does."""

from zlib import crc32

from bridge_demo_site.state.chat_body import ChatBody
from bridge_demo_site.state.modes import Lane, Mode


def lane_models(body: ChatBody, selectable: list[str]) -> dict[Lane, str]:
    """Name the models of a new chat: the ones asked for, or in a battle two that its id decides."""
    if body.mode is Mode.BATTLE:
        first = crc32(body.id.encode()) % len(selectable)
        return {Lane.A: selectable[first], Lane.B: selectable[(first + 1) % len(selectable)]}
    given = {Lane.A: body.model_a_id, Lane.B: body.model_b_id}
    return {lane: model for lane, model in given.items() if model}
