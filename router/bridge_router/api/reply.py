"""The client's side of a chat: a stream of events that may start with pings, or one whole body."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from bridge_api.errors import BridgeError
from bridge_api.sse import PING, encode

FAREWELL_SECONDS = 5.0
"""Longest wait for a client to take the last event: one that does not read has nothing to lose."""


class Reply:
    """A streamed reply; it starts when there is something to say."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._stream: web.StreamResponse | None = None

    @property
    def started(self) -> web.StreamResponse | None:
        """The response, once its head has gone out."""
        return self._stream

    async def start(self, headers: Mapping[str, str]) -> web.StreamResponse:
        """Send the head, unless it has gone out already."""
        if self._stream is None:
            stream = web.StreamResponse(headers=headers)
            stream.headers["Content-Type"] = "text/event-stream; charset=utf-8"
            stream.headers["Cache-Control"] = "no-cache"
            stream.headers["X-Accel-Buffering"] = "no"
            await stream.prepare(self._request)
            self._stream = stream
        return self._stream

    async def ping(self) -> None:
        """Show life to whatever stands between here and the client."""
        stream = await self.start({})
        await stream.write(PING)

    async def write(self, events: bytes) -> None:
        """Pass on whole events; slow clients slow this down, and through it the pod."""
        stream = await self.start({})
        await stream.write(events)

    async def end(self, error: BridgeError | None = None) -> None:
        """End the stream, after an event where there is an error."""
        stream = await self.start({})
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                if error is not None:
                    await stream.write(encode(error.body()))
                await stream.write_eof()
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
