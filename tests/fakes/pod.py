"""A browser pod without a browser: a real server that speaks the pod's API and answers from a script."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from bridge_api import names
from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.sse import DONE, encode
from bridge_api.wire.instance import Cordon, InstanceStatus, SiteModel, SlotState, SlotStatus
from bridge_api.wire.local import EndpointRecord

Behaviour = Callable[["Chat"], Awaitable[web.StreamResponse]]
"""What the pod does with one chat that has a slot."""


@dataclass(eq=False)
class Chat:
    """One chat as the pod sees it."""

    request: web.Request
    body: dict[str, object]
    headers: dict[str, str]
    """To be sent with the answer."""

    first_content: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the router has dropped the connection."""

    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def lease(self) -> str:
        return self.request.headers[names.LEASE]

    @property
    def wants_stream(self) -> bool:
        return bool(self.body.get("stream"))

    async def open_stream(self) -> web.StreamResponse:
        headers = self.headers | {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(self.request)
        return response

    def cut(self) -> None:
        assert self.request.transport is not None
        self.request.transport.abort()


class FakePod:
    """An instance with scripted answers; a chat without a script is answered by `answer()`."""

    def __init__(
        self,
        instance: str = "pod-a",
        *,
        pool: str = "default/demo",
        slots: int = 1,
        models: Sequence[str] = ("model-a",),
        token: str | None = None,
    ) -> None:
        self.instance = instance
        self.pool = pool
        self.token = token
        self.script: deque[Behaviour] = deque()
        self.otherwise: Behaviour = answer()
        self.chats: list[Chat] = []
        self.refusals: list[str] = []
        self.status_streams = 0
        """How often somebody has begun to follow its status."""

        self.status_line_delay = 0.0
        self.shows_leases = True
        """Whether the status lists the leases of busy slots; a pod that hangs does not."""

        self.hangs = False
        """Whether the status streams stand still, as those of a pod whose process is stopped."""

        self.draining = False
        self.slots = [SlotStatus(slot=n, state=SlotState.READY) for n in range(slots)]
        self.cordons: list[Cordon] = []
        self.models = [SiteModel(id=name, organization="acme") for name in models]
        self.url = ""
        self.arrived = asyncio.Event()
        self._boot = f"boot-{id(self)}"
        self._version = 1
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def start(self) -> None:
        app = web.Application(client_max_size=32 * 2**20)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/status/stream", self._status_stream)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """End at once, as a killed process does: every connection is reset."""
        if self._runner is None:
            return
        runner, self._runner = self._runner, None
        assert runner.server is not None
        for connection in runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await runner.cleanup()

    def record(self, *, terminating: bool = False) -> EndpointRecord:
        return EndpointRecord(instance=self.instance, pool=self.pool, url=self.url, terminating=terminating)

    def set_state(self, state: SlotState, **details: object) -> None:
        """Put every slot that is not Busy into a state."""
        self.slots = [
            slot
            if slot.state is SlotState.BUSY
            else SlotStatus.model_validate({"slot": slot.slot, "state": state, **details})
            for slot in self.slots
        ]
        self.change()

    def change(self) -> None:
        self._version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def status(self) -> InstanceStatus:
        return InstanceStatus(
            instance=self.instance,
            pool=self.pool,
            boot=self._boot,
            version=self._version,
            started=True,
            draining=self.draining,
            cordons=self.cordons,
            slots=[
                slot if self.shows_leases else slot.model_copy(update={"lease": None}) for slot in self.slots
            ],
            models=self.models,
            metrics_port=1,
        )

    async def chat(self, number: int = 0) -> Chat:
        """Wait for a chat to have arrived."""
        while len(self.chats) <= number:
            await self.arrived.wait()
        return self.chats[number]

    async def _status_stream(self, request: web.Request) -> web.StreamResponse:
        self.status_streams += 1
        if not self._admits(request):
            return _refuse(BridgeError(ErrorKind.INVALID_API_KEY, "wrong token"), {})
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            changed = self._changed
            if self.hangs:
                await changed.wait()
                continue
            line = self.status().model_dump_json(by_alias=True).encode() + b"\n"
            if self.status_line_delay:
                await asyncio.sleep(self.status_line_delay)
            await response.write(line)
            try:
                await asyncio.wait_for(changed.wait(), 1.0)
            except TimeoutError:
                continue

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        if not self._admits(request):
            return _refuse(BridgeError(ErrorKind.INVALID_API_KEY, "wrong token"), self._headers())
        refusal = self._refusal()
        if refusal is not None:
            self.refusals.append(refusal.label)
            return _refuse(BridgeError(refusal, f"refused: {refusal.label}"), self._headers())
        slot = next(s.slot for s in self.slots if s.state is SlotState.READY)
        lease = request.headers[names.LEASE]
        self._put(SlotStatus(slot=slot, state=SlotState.BUSY, lease=lease))
        chat = Chat(request, body, self._headers())
        self.chats.append(chat)
        self.arrived.set()
        self.arrived = asyncio.Event()
        behave = self.script.popleft() if self.script else self.otherwise
        try:
            return await behave(chat)
        except asyncio.CancelledError:
            chat.gone.set()
            raise
        finally:
            chat.over.set()
            if self.slots[slot].lease == lease:
                self._put(SlotStatus(slot=slot, state=SlotState.READY))

    def _refusal(self) -> ErrorKind | None:
        if self.draining:
            return ErrorKind.DRAINING
        if self.cordons:
            return ErrorKind.CORDONED
        free = any(slot.state is SlotState.READY for slot in self.slots)
        return None if free else ErrorKind.SLOTS_FULL

    def _put(self, status: SlotStatus) -> None:
        self.slots[status.slot] = status
        self.change()

    def _headers(self) -> dict[str, str]:
        ready = sum(slot.state is SlotState.READY for slot in self.slots)
        return {
            names.INSTANCE: self.instance,
            names.SLOTS: f"version={self._version}, ready={ready}, total={len(self.slots)}",
            names.AFFINITY: "none",
        }

    def _admits(self, request: web.Request) -> bool:
        return self.token is None or request.headers.get("Authorization") == f"Bearer {self.token}"


# Behaviours


def answer(
    words: Sequence[str] = ("Hello", " world"),
    *,
    hold: asyncio.Event | None = None,
    ignored: str | None = None,
    done: bool = True,
    cut: bool = False,
    error: ErrorKind | None = None,
) -> Behaviour:
    """Answer with words; the last one waits for `hold`. `cut` and `error` come after the last word, and no `[DONE]`."""

    async def behave(chat: Chat) -> web.StreamResponse:
        if ignored:
            chat.headers[names.IGNORED] = ignored
        if not chat.wants_stream:
            if hold is not None:
                await hold.wait()
            return web.json_response(_completion("".join(words)), headers=chat.headers)
        response = await chat.open_stream()
        await response.write(encode(_chunk({"role": "assistant", "content": ""})))
        for number, word in enumerate(words):
            if hold is not None and number == len(words) - 1:
                await hold.wait()
            await response.write(encode(_chunk({"content": word})))
            chat.first_content.set()
        if cut:
            chat.cut()
            await asyncio.sleep(0)
            return response
        if error is not None:
            await response.write(encode(BridgeError(error, "the page broke").body()))
        elif done:
            await response.write(encode(_chunk({}, finish_reason="stop")) + DONE)
        await response.write_eof()
        return response

    return behave


def refuse(
    kind: ErrorKind,
    *,
    retry_after_seconds: float | None = None,
    message: str = "scripted",
    final: bool = False,
) -> Behaviour:
    """Fail with an error's own status; `final` tells that another try would change nothing."""

    async def behave(chat: Chat) -> web.StreamResponse:
        error = BridgeError(kind, message, retry_after_seconds=retry_after_seconds, final=final)
        return _refuse(error, chat.headers)

    return behave


async def reset(chat: Chat) -> web.StreamResponse:
    """Cut the connection before any head."""
    chat.cut()
    await asyncio.sleep(0)
    return web.Response()


async def silence(chat: Chat) -> web.StreamResponse:
    """Never answer."""
    await asyncio.Event().wait()
    return web.Response()


async def error_event_first(chat: Chat) -> web.StreamResponse:
    """Open a stream whose first event is an error."""
    response = await chat.open_stream()
    await response.write(encode(BridgeError(ErrorKind.SITE_ERROR, "the page broke").body()))
    await response.write_eof()
    return response


async def no_content(chat: Chat) -> web.StreamResponse:
    """Open a stream that ends properly and says nothing."""
    response = await chat.open_stream()
    await response.write(encode(_chunk({"role": "assistant"})) + DONE)
    await response.write_eof()
    return response


def _refuse(error: BridgeError, headers: dict[str, str]) -> web.Response:
    return web.json_response(error.body(), status=error.kind.status, headers=headers | error.headers())


def _chunk(delta: dict[str, object], finish_reason: str | None = None) -> dict[str, object]:
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "model-a",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }


def _completion(text: str) -> dict[str, object]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 1,
        "model": "model-a",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
