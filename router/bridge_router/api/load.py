"""`GET /load/stream`: how busy the pools are, line by line, for whoever decides how many instances there are."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from aiohttp import web

from bridge_api.addresses import is_loopback
from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.wire.load import LoadReport
from bridge_router.core.pool import Pool
from bridge_router.router import ROUTER, Router

LONGEST_SILENCE_SECONDS = 1.0
COALESCED_SECONDS = 0.1
"""Changes closer together than this share a line: a burst of requests must not become a burst of reports."""


async def load_stream(request: web.Request) -> web.StreamResponse:
    """Report until the reader leaves or the router has drained."""
    router = request.app[ROUTER]
    only = request.query.get("pool")
    _check_token(request, router, only)
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    sequence = 0
    while True:
        seen = router.dispatcher.changes.count
        sequence += 1
        await response.write(_line(router, _pools(router, only), sequence))
        if router.running.feeds_end.is_set():
            break
        await _pause(router, COALESCED_SECONDS)
        await router.dispatcher.changes.wait_beyond(seen, LONGEST_SILENCE_SECONDS - COALESCED_SECONDS)
    await response.write_eof()
    return response


async def _pause(router: Router, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(router.running.feeds_end.wait(), seconds)


def _check_token(request: web.Request, router: Router, only: str | None) -> None:
    if not router.tokens.known and not is_loopback(router.settings.host):
        message = "The load feed needs --master-token-file where the router listens beyond loopback."
        raise BridgeError(ErrorKind.PERMISSION_DENIED, message)
    pool = router.dispatcher.pools.get(only) if only is not None else None
    if not router.tokens.admits(request.headers, pool):
        message = "The load feed takes a token of its own, or with ?pool=namespace/name that pool's token."
        raise BridgeError(ErrorKind.INVALID_API_KEY, message)
    if only is not None and pool is None:
        raise BridgeError(ErrorKind.NOT_FOUND, f"There is no pool {only!r}.", param="pool")


def _pools(router: Router, only: str | None) -> Sequence[Pool]:
    pools = router.dispatcher.pools
    if only is None:
        return tuple(pools.values())
    return (pools[only],) if only in pools else ()


def _line(router: Router, pools: Sequence[Pool], sequence: int) -> bytes:
    now = router.dispatcher.clock()
    loads = [pool.load(now) for pool in pools]
    report = LoadReport(router=router.name, boot=router.boot, sequence=sequence, pools=loads)
    return report.model_dump_json(by_alias=True).encode() + b"\n"
