"""The connection to a pod: open one request, read its answer's bytes, close it. The only module that knows how.

A faster leg replaces `HttpUpstream` here; nothing else knows aiohttp's client for chats.
"""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

import aiohttp

CONNECT_SECONDS = 5.0
"""Longest wait for a connection: pods are in the same machine or cluster."""

_MAX_WHOLE_BYTES = 64 * 2**20


class UpstreamBroken(Exception):
    """The connection was refused, reset or cut."""


class Answer(Protocol):
    """A pod's answer, from its head on."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    async def piece(self) -> bytes:
        """Return the body's next bytes as they come; none at the end.

        Raises:
            UpstreamBroken: The body is cut.
        """
        ...

    async def whole(self) -> bytes:
        """Read the whole body.

        Raises:
            UpstreamBroken: The body is cut.
        """
        ...

    def close(self) -> None:
        """Let the connection go; where the body has not ended this aborts it, and the pod notices."""
        ...


class Upstream(Protocol):
    """Opens requests to pods."""

    async def open(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request and wait for the answer's head; cancelled, the connection is aborted.

        Raises:
            UpstreamBroken: The connection failed before there was a head.
        """
        ...


class HttpUpstream:
    """Pods over aiohttp's client."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            # A kept connection that the pod has just closed cannot be told from a dead pod; a chat lasts seconds,
            # so a new connection for each costs nothing that matters.
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def open(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self._session is None:
            raise UpstreamBroken("the upstream is closed")
        try:
            response = await self._session.post(url, data=body, headers=headers, allow_redirects=False)
        except (aiohttp.ClientError, OSError, TimeoutError) as broken:
            raise UpstreamBroken(_say(broken)) from broken
        return _HttpAnswer(response)


class _HttpAnswer:
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    async def piece(self) -> bytes:
        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as broken:
            raise UpstreamBroken(_say(broken)) from broken

    async def whole(self) -> bytes:
        body = bytearray()
        while piece := await self.piece():
            body += piece
            if len(body) > _MAX_WHOLE_BYTES:
                raise UpstreamBroken(f"the answer is longer than {_MAX_WHOLE_BYTES} bytes")
        return bytes(body)

    def close(self) -> None:
        self._response.close()


def _say(broken: BaseException) -> str:
    return str(broken) or type(broken).__name__
