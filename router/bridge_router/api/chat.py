"""`POST /v1/chat/completions`: admit, wait, try, and pass the answer on as it comes."""

import asyncio
import json
from contextlib import suppress

from aiohttp import web

from bridge_api import names
from bridge_api.errors import BridgeError, ErrorKind
from bridge_router.api.account import OK, Account
from bridge_router.api.reply import Reply
from bridge_router.core.affinity import Past
from bridge_router.core.openai import parse_chat_request
from bridge_router.core.outlook import LEAVING_RETRY_SECONDS
from bridge_router.core.pod_calls import PASSED_BACK, TRACE_PARENT, Sender
from bridge_router.core.retry import Failure, Origin
from bridge_router.pods.attempt import Attempt, AttemptFailed
from bridge_router.pods.exchange import Exchange
from bridge_router.pods.upstream import UpstreamBroken
from bridge_router.router import KEY_ID, REQUEST_ID, ROUTER, Router

BODY_SECONDS = 60.0
"""Longest wait for a request's body: 16 MiB in that time is a slow line, a trickle is none."""


async def chat_completions(request: web.Request) -> web.StreamResponse:
    """Answer one chat."""
    router = request.app[ROUTER]
    if router.running.draining:
        message = "This router is about to end; try again, another one may answer."
        raise BridgeError(ErrorKind.DRAINING, message, retry_after_seconds=LEAVING_RETRY_SECONDS)
    with router.running.one_more():
        exchange = _make_exchange(router)
        account = Account(request[REQUEST_ID], request[KEY_ID], router.dispatcher.clock)
        try:
            return await _answer(request, router, exchange, account)
        except BridgeError as error:
            account.code = error.kind.label
            headers = {**error.headers(), **_bridge_headers(exchange)}
            return web.json_response(error.body(), status=error.kind.status, headers=headers)
        finally:
            exchange.close()
            account.close(exchange, router.metrics)


async def _answer(
    request: web.Request, router: Router, exchange: Exchange, account: Account
) -> web.StreamResponse:
    body = await read_body(request, router.settings.max_body_bytes)
    chat = parse_chat_request(body)
    account.stream = chat.stream
    reply = Reply(request)
    sender = Sender(account.request_id, account.key_id, request.headers.get(TRACE_PARENT))
    pool = exchange.choose_pool(Past(chat.model, account.key_id, chat.turns))
    keep_alive = pool.resource.spec.queue.keep_alive_seconds
    opening = asyncio.create_task(exchange.open(chat, sender, body))
    try:
        attempt = await _pinging(opening, reply if chat.stream else None, keep_alive)
    except AttemptFailed as failed:
        return await _refuse(failed.failure, exchange, reply, account)
    except BridgeError as error:
        if reply.started is None:
            raise
        account.code = error.kind.label
        await reply.end(error)
        return reply.started
    finally:
        opening.cancel()
        with suppress(asyncio.CancelledError, AttemptFailed, BridgeError):
            await opening
    if not chat.stream:
        account.code = OK
        return web.Response(body=attempt.held, headers=_whole_headers(attempt, exchange))
    account.first_content(exchange)  # of streams only: a whole answer shows when it ended, not when it began
    return await _stream(attempt, exchange, reply, account)


async def read_body(request: web.Request, limit: int) -> bytes:
    """Read a body of at most `limit` bytes; one that announces more is not read at all.

    Raises:
        BridgeError: 413, or 400 where it does not come in time.
    """
    too_large = BridgeError(
        ErrorKind.REQUEST_TOO_LARGE, f"The body is larger than {limit} bytes (--max-body-bytes)."
    )
    if request.content_length is not None and request.content_length > limit:
        raise too_large
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large from None
    except TimeoutError:
        message = f"The body did not arrive within {BODY_SECONDS:g} s."
        raise BridgeError(ErrorKind.BAD_REQUEST, message) from None


async def _pinging(opening: asyncio.Task[Attempt], reply: Reply | None, keep_alive_seconds: float) -> Attempt:
    """Wait for the answer; a client that waits for a stream sees pings meanwhile."""
    while True:
        done, _ = await asyncio.wait({opening}, timeout=keep_alive_seconds)
        if done:
            return opening.result()
        if reply is not None:
            await reply.ping()


async def _refuse(failure: Failure, exchange: Exchange, reply: Reply, account: Account) -> web.StreamResponse:
    """Tell the client how its last try failed: in the pod's own words where it had any."""
    error = failure.error()
    account.code = error.kind.label
    if reply.started is not None:
        await reply.end(error)
        return reply.started
    headers = {"content-type": "application/json", **error.headers(), **_bridge_headers(exchange)}
    body = failure.body or json.dumps(error.body()).encode()
    return web.Response(status=failure.status or error.kind.status, body=body, headers=headers)


async def _stream(attempt: Attempt, exchange: Exchange, reply: Reply, account: Account) -> web.StreamResponse:
    stream = await reply.start(_bridge_headers(exchange) | _passed_back(attempt))
    failure = await _relay(attempt, reply, account, seconds=attempt.seconds_left())
    if failure is not None:
        account.code = failure.kind.label
    attempt.close(failure)
    await reply.end(failure.error() if failure else None)
    return stream


async def _relay(attempt: Attempt, reply: Reply, account: Account, *, seconds: float) -> Failure | None:
    """Pass the answer on, and say how it failed where the client has not been told."""
    try:
        async with asyncio.timeout(seconds):
            await _pass_on(attempt.held, attempt, reply, account)
            while events := await attempt.more():
                await _pass_on(events, attempt, reply, account)
    except UpstreamBroken as broken:
        message = f"The answer was cut: the connection to instance {attempt.instance} failed: {broken}"
        cut = Failure(Origin.CONNECTION, ErrorKind.SITE_ERROR, message)
        return None if attempt.told_the_end else cut
    except AttemptFailed as stood_still:
        return stood_still.failure
    except TimeoutError:
        message = "The answer took longer than timeouts.totalSeconds."
        return Failure(Origin.SILENCE, ErrorKind.TOTAL_TIMEOUT, message)
    if attempt.told_the_end:
        return None
    message = f"Instance {attempt.instance} ended its answer without [DONE]: it may not be whole."
    return Failure(Origin.END, ErrorKind.SITE_ERROR, message)


async def _pass_on(events: bytes, attempt: Attempt, reply: Reply, account: Account) -> None:
    """Write events; once the client has the last one its request has ended so, whatever its connection does then."""
    await reply.write(events)
    if attempt.told_the_end:
        account.code = attempt.error_seen.label if attempt.error_seen else OK


def _make_exchange(router: Router) -> Exchange:
    return Exchange(
        router.dispatcher,
        router.upstream,
        token_of=router.tokens.of,
        margin_seconds=router.settings.deadline_margin_seconds,
        on_attempt=router.metrics.attempt_ended,
    )


def _whole_headers(attempt: Attempt, exchange: Exchange) -> dict[str, str]:
    content_type = attempt.headers.get("content-type", "application/json")
    return {"content-type": content_type, **_bridge_headers(exchange), **_passed_back(attempt)}


def _passed_back(attempt: Attempt) -> dict[str, str]:
    return {name: attempt.headers[name] for name in PASSED_BACK if name in attempt.headers}


def _bridge_headers(exchange: Exchange) -> dict[str, str]:
    headers = {
        names.ATTEMPTS: str(exchange.tries.attempts),
        names.QUEUE_SECONDS: f"{exchange.ticket.waited_seconds:.3f}",
    }
    if exchange.attempt is not None:
        headers[names.INSTANCE] = exchange.attempt.instance
    return headers
