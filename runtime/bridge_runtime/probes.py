"""The listener of each part for machines that watch it: `/healthz`, `/readyz`, `/startupz`, `/metrics`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from bridge_runtime.serving import serve

Verdict = tuple[bool, str]
"""Whether it holds, and why, for a person."""


@dataclass(frozen=True, slots=True)
class Probes:
    """Questions about a part, each answered at once and without I/O."""

    live: Callable[[], Verdict]
    ready: Callable[[], Verdict]
    started: Callable[[], Verdict]


@asynccontextmanager
async def probes_listener(
    probes: Probes, registry: CollectorRegistry, *, host: str, port: int
) -> AsyncIterator[int]:
    """Serve probes and metrics, and yield the port."""
    app = web.Application()
    for path, question in (
        ("/healthz", probes.live),
        ("/readyz", probes.ready),
        ("/startupz", probes.started),
    ):
        app.router.add_get(path, _answering(question))
    app.router.add_get("/metrics", _metrics(registry))
    async with serve(app, host=host, port=port) as bound:
        yield bound


def _answering(question: Callable[[], Verdict]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(_: web.Request) -> web.Response:
        holds, why = question()
        return web.Response(status=200 if holds else 503, text=why + "\n")

    return answer


def _metrics(registry: CollectorRegistry) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    return answer
