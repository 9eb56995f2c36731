"""The HTTP API of simulated pods, as a browser pod has it: status, cordons, and chats that wait for the test."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware

from bridge_api import names
from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.sse import DONE, encode
from bridge_api.wire.instance import CordonRequest, InstanceStatus, SlotState
from bridge_runtime.tokens import bearer_matches
from tests.support.cluster.chat_ledger import Outcome
from tests.support.cluster.simulated_pod import SimulatedChat, SimulatedPod, now

LINE_EVERY_SECONDS = 5.0
POD = web.RequestKey("pod", SimulatedPod)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pods(Protocol):
    chats_wait: bool
    tokens: dict[str, str]

    def at(self, ip: str) -> SimulatedPod | None: ...


def make_app(pods: Pods) -> web.Application:
    """Wire the routes."""
    chats = _Chats(pods)
    app = web.Application(middlewares=[_for_the_pod_that_was_called(pods)], client_max_size=32 * 2**20)
    app.router.add_get("/status", _status)
    app.router.add_get("/status/stream", _status_stream)
    app.router.add_post("/cordon", _cordon)
    app.router.add_post("/uncordon", _uncordon)
    app.router.add_post("/v1/chat/completions", chats.handle)
    return app


def _for_the_pod_that_was_called(pods: Pods) -> Middleware:
    @web.middleware
    async def find(request: web.Request, handler: Handler) -> web.StreamResponse:
        connection = request.transport
        assert connection is not None
        pod = pods.at(connection.get_extra_info("sockname")[0])
        if pod is None or not pod.alive:
            connection.abort()  # nobody listens there
            return web.Response()
        request[POD] = pod
        pod.connections.add(connection)
        try:
            _refuse_strangers(request, pods.tokens.get(pod.pool))
            return await handler(request)
        except BridgeError as error:
            return web.json_response(
                error.body(), status=error.kind.status, headers=_headers(pod) | error.headers()
            )
        except ConnectionResetError:
            return web.Response()  # the pod has died meanwhile
        finally:
            pod.connections.discard(connection)

    return find


def _refuse_strangers(request: web.Request, token: str | None) -> None:
    if token is not None and not bearer_matches(request.headers, token):
        raise BridgeError(ErrorKind.INVALID_API_KEY, "This instance answers to its pool's token only.")


async def _status(request: web.Request) -> web.Response:
    return _show(request[POD].status())


async def _status_stream(request: web.Request) -> web.StreamResponse:
    pod = request[POD]
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(request)
    while pod.alive:
        status = pod.status()
        await response.write(status.model_dump_json(by_alias=True).encode() + b"\n")
        if status.version == pod.board.version:
            expiry = pod.board.next_expiry()
            patience = LINE_EVERY_SECONDS if expiry is None else max(0.0, expiry - now())
            await pod.changes.wait(min(LINE_EVERY_SECONDS, patience))
    return response


async def _cordon(request: web.Request) -> web.Response:
    request[POD].board.cordon(CordonRequest.model_validate_json(await request.read()), now())
    return _show(request[POD].status())


async def _uncordon(request: web.Request) -> web.Response:
    request[POD].board.uncordon(CordonRequest.model_validate_json(await request.read()), now())
    return _show(request[POD].status())


def _show(status: InstanceStatus) -> web.Response:
    return web.Response(text=status.model_dump_json(by_alias=True), content_type="application/json")


class _Chats:
    def __init__(self, pods: Pods) -> None:
        self._pods = pods

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer with one word at once, and with the rest when the test ends the chat."""
        pod = request[POD]
        body = json.loads(await request.read())
        chat = pod.begin_chat(request.headers.get(names.LEASE))
        headers = _headers(pod, chat)
        if not self._pods.chats_wait:
            chat.over.set()
        pod.answering += 1
        try:
            answer = await (_stream if body.get("stream") else _whole)(request, chat, headers)
        except (asyncio.CancelledError, ConnectionError):
            pod.end_chat(chat, Outcome.LEFT)
            raise
        finally:
            pod.answering -= 1
            pod.changes.announce()
        pod.end_chat(chat)
        return answer


async def _stream(request: web.Request, chat: SimulatedChat, headers: dict[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(headers=headers | {"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(encode(_chunk({"role": "assistant", "content": "Hello"})))
    await chat.over.wait()
    await response.write(encode(_chunk({}, finish_reason="stop")) + DONE)
    await response.write_eof()
    return response


async def _whole(request: web.Request, chat: SimulatedChat, headers: dict[str, str]) -> web.Response:
    del request
    await chat.over.wait()
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    return web.json_response(_envelope("chat.completion", choice), headers=headers)


def _chunk(delta: dict[str, str], finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return _envelope("chat.completion.chunk", choice)


def _envelope(kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    return {"id": "chatcmpl-simulated", "object": kind, "created": 1, "model": "model-a", "choices": [choice]}


def _headers(pod: SimulatedPod, chat: SimulatedChat | None = None) -> dict[str, str]:
    ready = sum(slot.state is SlotState.READY for slot in pod.board.slots)
    version = pod.board.version if chat is None else chat.version
    return {
        names.INSTANCE: pod.name,
        names.SLOTS: f"version={version}, ready={ready}, total={len(pod.board.slots)}",
        names.AFFINITY: "none",
    }
