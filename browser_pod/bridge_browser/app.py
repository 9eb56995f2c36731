"""The instance's HTTP API: its routes, and who may call them."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from bridge_api.errors import BridgeError, ErrorKind
from bridge_browser.chat_api import ChatApi
from bridge_browser.errors import errors_in_one_shape
from bridge_browser.status_api import StatusApi
from bridge_runtime.tokens import bearer_matches

MAX_BODY_BYTES = 32 * 1024 * 1024
"""A text chat is far below: the longest that a site takes is some 100,000 characters."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(chats: ChatApi, status: StatusApi, token: str | None) -> web.Application:
    """Wire the routes."""
    app = web.Application(
        middlewares=[errors_in_one_shape, _asking_for(token)], client_max_size=MAX_BODY_BYTES
    )
    app.router.add_post("/v1/chat/completions", chats.handle)
    app.router.add_get("/v1/models", status.models)
    app.router.add_get("/v1/models/{model:.+}", status.model)
    app.router.add_get("/status", status.status)
    app.router.add_get("/status/stream", status.stream)
    app.router.add_post("/cordon", status.cordon)
    app.router.add_post("/uncordon", status.uncordon)
    app.router.add_post("/check", status.check)

    async def close(_: web.Application) -> None:
        status.close()

    app.on_shutdown.append(close)
    return app


def _asking_for(token: str | None) -> Middleware:
    @web.middleware
    async def ask(request: web.Request, handler: Handler) -> web.StreamResponse:
        if token is not None and not bearer_matches(request.headers, token):
            raise BridgeError(ErrorKind.INVALID_API_KEY, "This instance answers to its pool's token only.")
        return await handler(request)

    return ask
