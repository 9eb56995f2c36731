"""`POST /v1/chat/completions`: from the request to a slot, and from the slot's pieces to the client."""

import asyncio
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from bridge_api import names, sse
from bridge_api.chat import ignored_parameters, parse_request
from bridge_api.conversation import ANONYMOUS, read_turns
from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.request_id import sane_request_id
from bridge_api.wire.instance import SlotState
from bridge_browser.chats import Chat
from bridge_browser.chunks import ChunkMaker
from bridge_browser.conversation import Affinity
from bridge_browser.errors import error_response
from bridge_browser.instance import Instance
from bridge_browser.intake import Asked, Intake
from bridge_browser.stream import Piece
from bridge_runtime.logs import get_logger

log = get_logger("chat")

STREAM_HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
}


@dataclass(slots=True)
class _Call:
    """One request on its way, and what its log line will say."""

    request_id: str
    began: float
    headers: dict[str, str]
    model: str = ""
    slot: int | None = None
    outcome: str = "client_gone"
    affinity: str = ""
    chunks: int = 0
    lease: str | None = None
    body: dict[str, Any] = field(default_factory=dict)


class ChatApi:
    """Answers chats with the slots of one instance."""

    def __init__(self, instance: Instance, intake: Intake, *, slow_client_seconds: float) -> None:
        self._instance = instance
        self._intake = intake
        self._slow_client_seconds = slow_client_seconds

    async def handle(self, request: web.Request) -> web.StreamResponse:
        call = self._new_call(request)
        try:
            return await self._answer(request, call)
        except BridgeError as error:
            call.outcome = error.kind.label
            return error_response(error, self._slot_headers() | call.headers)
        finally:
            self._log(call)

    def _new_call(self, request: web.Request) -> _Call:
        request_id = sane_request_id(request.headers.get(names.REQUEST_ID)) or f"req-{secrets.token_hex(12)}"
        headers = {
            names.REQUEST_ID: request_id,
            names.INSTANCE: self._instance.name,
            names.AFFINITY: Affinity.NONE.value,
        }
        return _Call(request_id, _now(), headers, lease=request.headers.get(names.LEASE))

    async def _answer(self, request: web.Request, call: _Call) -> web.StreamResponse:
        call.body = await _json_body(request)
        asked = Asked(
            parse_request(call.body),
            read_turns(call.body["messages"]),
            request.headers.get(names.KEY_ID, ANONYMOUS),
        )
        if ignored := ignored_parameters(call.body):
            call.headers[names.IGNORED] = ", ".join(ignored)
        chat = self._begin(asked, call)
        maker = ChunkMaker(f"chatcmpl-{secrets.token_hex(12)}", int(time.time()), call.model)
        try:
            if asked.request.stream:
                return await self._stream(request, chat, maker, call)
            return await self._whole(chat, maker, call)
        finally:
            chat.abandon()

    def _begin(self, asked: Asked, call: _Call) -> Chat:
        board, now = self._instance.board, _now()
        board.refuse_if_closed(now)
        if not board.models:
            raise board.refusal(now)
        message = self._intake.message(asked, [model.id for model in board.models], self._instance.model)
        call.model = asked.request.model or message.model.offered.id
        chat, acquired = self._instance.begin(message, call.lease)
        call.slot = acquired.slot
        call.headers |= self._slot_headers(acquired.version)
        return chat

    def _slot_headers(self, version: int | None = None) -> dict[str, str]:
        board = self._instance.board
        ready = sum(slot.state is SlotState.READY for slot in board.slots)
        seen = board.version if version is None else version
        return {names.SLOTS: f"version={seen}, ready={ready}, total={len(board.slots)}"}

    async def _whole(self, chat: Chat, maker: ChunkMaker, call: _Call) -> web.Response:
        pieces: list[Piece] = []
        while taken := await chat.take():
            pieces += [piece for piece, _ in taken]
            call.chunks += len(taken)
        if isinstance(chat.end, BridgeError):
            raise chat.end
        call.outcome = "ok"
        self._note_affinity(chat, call)
        return web.json_response(maker.completion(pieces, chat.completed), headers=call.headers)

    async def _stream(
        self, request: web.Request, chat: Chat, maker: ChunkMaker, call: _Call
    ) -> web.StreamResponse:
        taken = await chat.take()
        if not taken and isinstance(chat.end, BridgeError):
            raise chat.end
        self._note_affinity(chat, call)
        response = web.StreamResponse(headers=STREAM_HEADERS | call.headers)
        try:
            async with asyncio.timeout(None) as patience:
                chat.when_ended(lambda: patience.reschedule(_now() + self._slow_client_seconds))
                await response.prepare(request)
                await response.write(sse.encode(maker.role()) + self._encoded(taken, maker, call))
                while taken := await chat.take():
                    await response.write(self._encoded(taken, maker, call))
                await response.write(self._ending(chat, maker, call))
                await response.write_eof()
        except TimeoutError:
            _cut(request)
        return response

    def _note_affinity(self, chat: Chat, call: _Call) -> None:
        """Take over what the slot has made of the history: certain since there is content."""
        call.affinity = call.headers[names.AFFINITY] = chat.affinity.value
        self._instance.metrics.affinity.labels(call.affinity).inc()

    def _encoded(self, taken: list[tuple[Piece, float]], maker: ChunkMaker, call: _Call) -> bytes:
        now = _now()
        for _, arrived in taken:
            self._instance.metrics.chunk_seconds.observe(now - arrived)
        call.chunks += len(taken)
        return b"".join(sse.encode(maker.piece(piece)) for piece, _ in taken)

    def _ending(self, chat: Chat, maker: ChunkMaker, call: _Call) -> bytes:
        if isinstance(chat.end, BridgeError):
            call.outcome = chat.end.kind.label
            return sse.encode(chat.end.body())
        call.outcome = "ok"
        chunks = [maker.finish(chat.completed)]
        if parse_request(call.body).include_usage:
            chunks.append(maker.usage(chat.completed))
        return b"".join(map(sse.encode, chunks)) + sse.DONE

    def _log(self, call: _Call) -> None:
        log.info(
            "chat",
            request_id=call.request_id,
            model=call.model,
            slot=call.slot,
            outcome=call.outcome,
            affinity=call.affinity,
            seconds=round(_now() - call.began, 3),
            chunks=call.chunks,
        )


async def _json_body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise BridgeError(ErrorKind.BAD_REQUEST, "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise BridgeError(ErrorKind.BAD_REQUEST, "The body must be a JSON object.")
    return body


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _now() -> float:
    return asyncio.get_running_loop().time()
