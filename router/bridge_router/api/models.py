"""`GET /v1/models` and `/v1/models/{id}`: what the pools offer, together."""

from typing import Any

from aiohttp import web

from bridge_api.errors import BridgeError, ErrorKind
from bridge_router.core.catalog import listed_models, organization_of
from bridge_router.router import ROUTER

_CREATED = 0
"""The site does not say when a model was made; the field must be there."""


async def list_models(request: web.Request) -> web.Response:
    """List every offered name once."""
    pools = request.app[ROUTER].dispatcher.pools.values()
    data = [_model(name, organization) for name, organization in listed_models(pools)]
    return web.json_response({"object": "list", "data": data})


async def get_model(request: web.Request) -> web.Response:
    """Describe one model, by its name or as `pool/model`."""
    name = request.match_info["model"]
    organization = organization_of(name, request.app[ROUTER].dispatcher.pools.values())
    if organization is None:
        message = f"The model {name!r} is not offered here; `bridge models` lists what is."
        raise BridgeError(ErrorKind.MODEL_NOT_FOUND, message, param="model")
    return web.json_response(_model(name, organization))


def _model(name: str, organization: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": organization or "unknown"}
