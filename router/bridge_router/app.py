"""Puts one router together: its parts, its routes, and the tasks that live as long as it does."""

import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import uuid4

from aiohttp import web

from bridge_api.wire.local import Registry
from bridge_router.api import admin, chat, guard
from bridge_router.api import load as load_api
from bridge_router.api import models as models_api
from bridge_router.core.access import AccessPolicy
from bridge_router.discovery.registry_file import following_file
from bridge_router.discovery.source import Apply, Source
from bridge_router.dispatch import Dispatcher
from bridge_router.metrics import Metrics
from bridge_router.pods.follow import Followers
from bridge_router.pods.upstream import HttpUpstream
from bridge_router.router import ROUTER, Router
from bridge_router.settings import RouterSettings
from bridge_router.tokens import Tokens


@asynccontextmanager
async def running_router(
    settings: RouterSettings, policy: AccessPolicy, tokens: Tokens
) -> AsyncIterator[Router]:
    """Run a router's parts: the registry is read and followed, and so is each instance in it."""
    dispatcher = Dispatcher(clock=time.monotonic, random=random.random, new_lease_id=_new_lease_id)
    metrics = Metrics(dispatcher.pools.values)
    followers = Followers(
        dispatcher,
        token_of=_token_by_key(dispatcher, tokens),
        on_lost=lambda pool: metrics.ejected(pool, "status_stream"),
        stale_seconds=settings.stale_seconds,
    )

    def apply(registry: Registry) -> None:
        dispatcher.apply(registry)
        followers.follow(record for record in registry.endpoints if record.pool in dispatcher.pools)

    async with HttpUpstream() as upstream, followers:
        dispatcher.on_ejected = followers.reconnect
        async with _following(settings, apply) as source:
            metrics.watch(source.ages_seconds)
            try:
                yield Router(
                    settings=settings,
                    name=name_of(settings),
                    boot=uuid4().hex,
                    policy=policy,
                    tokens=tokens,
                    source=source,
                    dispatcher=dispatcher,
                    upstream=upstream,
                    metrics=metrics,
                )
            finally:
                dispatcher.close()


def make_app(router: Router) -> web.Application:
    """Make the web application of a router, with the routes of its role."""
    app = web.Application(
        middlewares=[guard.give_id, guard.shape_errors, guard.check_access],
        client_max_size=router.settings.max_body_bytes,
    )
    app[ROUTER] = router
    app.on_response_prepare.append(guard.add_headers)
    if router.settings.role != "console":
        app.router.add_post("/v1/chat/completions", chat.chat_completions)
        app.router.add_get("/v1/models", models_api.list_models)
        app.router.add_get("/v1/models/{model:.+}", models_api.get_model)
        app.router.add_get("/load/stream", load_api.load_stream)
    if router.settings.role != "relay":
        app.router.add_get("/api/v1/pools", admin.list_pools)
        app.router.add_get("/api/v1/instances", admin.list_instances)
    return app


def _following(settings: RouterSettings, apply: Apply) -> AbstractAsyncContextManager[Source]:
    if settings.registry_file is not None:
        return following_file(settings.registry_file, apply)
    # Not above: the Kubernetes client takes 0.2 s and 12 MB, and local mode has no need of it.
    from bridge_router.discovery.kubernetes import following_cluster  # noqa: PLC0415

    return following_cluster(settings, apply)


def name_of(settings: RouterSettings) -> str:
    """Name a router as told, or so that replicas of one Deployment, which share their settings, have names of their own."""
    return settings.router_name or (socket.gethostname() if settings.kubernetes else "router")


def _new_lease_id() -> str:
    return uuid4().hex


def _token_by_key(dispatcher: Dispatcher, tokens: Tokens) -> Callable[[str], str | None]:
    def token_of(pool_key: str) -> str | None:
        pool = dispatcher.pools.get(pool_key)
        return tokens.of(pool) if pool is not None else None

    return token_of
