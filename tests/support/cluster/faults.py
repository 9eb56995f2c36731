"""A proxy before the API server that fails on demand: errors, connections that are cut, answers that never come."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohttp import web
from yarl import URL

from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.kubeconfig import Access

REASONS = {
    409: "Conflict",
    410: "Expired",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
}
HOP_BY_HOP = frozenset({"connection", "content-length", "host", "transfer-encoding"})
CONNECT_SECONDS = 5.0
CONNECTIONS = 200

Matches = Callable[[web.Request], bool]


def everything(_: web.Request) -> bool:
    return True


def watches(request: web.Request) -> bool:
    return request.query.get("watch") in ("1", "true")


def writes(request: web.Request) -> bool:
    return request.method != "GET"


class Held:
    """A request that waits, so that a test can do something right then."""

    def __init__(self, matches: Matches, *, done: bool) -> None:
        self.matches = matches
        self.done = done
        """Whether the API server has done it, and only its answer waits."""

        self.is_there = asyncio.Event()
        self._released = asyncio.Event()

    def release(self) -> None:
        self._released.set()

    async def wait(self) -> None:
        self.is_there.set()
        await self._released.wait()


@dataclass
class _Fault:
    status: int
    times: int
    matches: Matches
    retry_after_seconds: int | None


class FaultProxy:
    """Clients get to it with `access`; everything passes until a test says otherwise."""

    def __init__(self, plane: ControlPlane) -> None:
        self.seen: list[str] = []
        """Method and path of every request, in the order they came."""

        self.answered_with_fault = 0
        self._plane = plane
        self._faults: list[_Fault] = []
        self._held: list[Held] = []
        self._open: dict[asyncio.Transport, web.Request] = {}
        self._pass = asyncio.Event()
        self._pass.set()
        self._port = 0

    @property
    def port(self) -> int:
        return self._port

    def access(self, user: str = "admin") -> Access:
        return self._plane.access(user, port=self._port)

    def fail(
        self,
        status: int,
        *,
        times: int = 1,
        matches: Matches = everything,
        retry_after_seconds: int | None = None,
    ) -> None:
        """Answer the next requests that match with a status instead of passing them on."""
        self._faults.append(_Fault(status, times, matches, retry_after_seconds))

    def mend(self) -> None:
        """Let everything pass again."""
        self._faults.clear()
        self._pass.set()

    def hold(self, matches: Matches, *, done: bool = False) -> Held:
        """Keep the next request that matches from the API server, or its answer from the client, until it is released.

        A client that goes away meanwhile takes a request with it that was not passed on.
        """
        held = Held(matches, done=done)
        self._held.append(held)
        return held

    def cut(self, matches: Matches = everything) -> int:
        """Close the connections of the requests that run now, and return how many there were."""
        running = [connection for connection, request in self._open.items() if matches(request)]
        for connection in running:
            connection.abort()
        return len(running)

    def stall(self) -> None:
        """Answer nothing from now on, and send nothing more of what runs."""
        self._pass.clear()

    def release(self) -> None:
        self._pass.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FaultProxy"]:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
        connector = aiohttp.TCPConnector(limit=CONNECTIONS, ssl=self._plane.access().tls())
        async with aiohttp.ClientSession(
            timeout=timeout, connector=connector, auto_decompress=False
        ) as session:
            app = web.Application(client_max_size=32 * 2**20)
            app.router.add_route("*", "/{path:.*}", partial(self._handle, session=session))
            runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.01)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", self._port, ssl_context=self._server_tls()).start()
                self._port = runner.addresses[0][1]
                yield self
            finally:
                self.release()
                await runner.cleanup()

    def _server_tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._plane.certificate, self._plane.certificate_key)
        return context

    async def _handle(self, request: web.Request, session: aiohttp.ClientSession) -> web.StreamResponse:
        self.seen.append(f"{request.method} {request.path}")
        connection = request.transport
        assert connection is not None
        self._open[connection] = request
        try:
            await self._pass.wait()
            if (fault := self._fault_for(request)) is not None:
                self.answered_with_fault += 1
                return _failure(fault)
            held = self._held_for(request)
            if held is not None and not held.done:
                await held.wait()
            return await self._pass_on(request, session, held)
        finally:
            del self._open[connection]

    def _held_for(self, request: web.Request) -> Held | None:
        held = next((one for one in self._held if one.matches(request)), None)
        if held is not None:
            self._held.remove(held)
        return held

    def _fault_for(self, request: web.Request) -> _Fault | None:
        for fault in self._faults:
            if fault.times > 0 and fault.matches(request):
                fault.times -= 1
                return fault
        return None

    async def _pass_on(
        self, request: web.Request, session: aiohttp.ClientSession, held: Held | None
    ) -> web.StreamResponse:
        url = f"{self._plane.access().server}{request.raw_path}"
        body = await request.read()
        headers = _end_to_end(request.headers.items())
        try:
            async with session.request(
                request.method, URL(url, encoded=True), headers=headers, data=body or None
            ) as upstream:
                if held is not None and held.done:
                    await held.wait()
                response = web.StreamResponse(
                    status=upstream.status, headers=_end_to_end(upstream.headers.items())
                )
                await response.prepare(request)
                async for piece in upstream.content.iter_any():
                    await self._pass.wait()
                    await response.write(piece)
                return response
        except aiohttp.ClientError:
            if request.transport is not None:
                request.transport.abort()  # as the API server's own clients would see it
            return web.Response()


def _failure(fault: _Fault) -> web.Response:
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": "a fault of the tests",
        "reason": REASONS.get(fault.status, "Unknown"),
        "code": fault.status,
    }
    headers = {} if fault.retry_after_seconds is None else {"Retry-After": str(fault.retry_after_seconds)}
    return web.json_response(status, status=fault.status, headers=headers)


def _end_to_end(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in headers if name.lower() not in HOP_BY_HOP}
