"""A task for each instance that exists: it follows the instance's status, and ends with the instance."""

import asyncio
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp

from bridge_api.wire.local import EndpointRecord
from bridge_router.core.endpoint import Endpoint
from bridge_router.dispatch import Dispatcher
from bridge_router.pods.status_stream import StatusStream

_LONGEST_LINE_BYTES = 2 * 2**20
"""A status carries the site's list of models: hundreds of names, well below this."""


class _Key(NamedTuple):
    pool: str
    uid: str
    """The pool's: its token hangs on it, so a pool made anew under its old name is followed anew."""

    instance: str
    url: str


class Followers:
    """Owns the tasks."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        token_of: Callable[[str], str | None],
        on_lost: Callable[[str], None],
        stale_seconds: float,
    ) -> None:
        self._dispatcher = dispatcher
        self._token_of = token_of
        self._on_lost = on_lost
        self._stale_seconds = stale_seconds
        self._tasks: dict[_Key, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            read_bufsize=_LONGEST_LINE_BYTES,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.follow(())
        await asyncio.gather(*self._ending, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def follow(self, records: Iterable[EndpointRecord]) -> None:
        """Follow exactly these instances from now on."""
        wanted = {self._key(record.pool, record.instance, record.url) for record in records}
        for key in self._tasks.keys() - wanted:
            self._end(key)
        for key in wanted - self._tasks.keys():
            self._start(key)

    def reconnect(self, pool: str, endpoint: Endpoint) -> None:
        """Drop the status stream of an instance and open a new one: the first line says that it is there again."""
        key = self._key(pool, endpoint.instance, endpoint.url)
        if key in self._tasks:
            self._end(key)
            self._start(key)

    def _key(self, pool: str, instance: str, url: str) -> _Key:
        known = self._dispatcher.pools.get(pool)
        return _Key(pool, known.resource.metadata.uid if known else "", instance, url)

    def _start(self, key: _Key) -> None:
        if self._session is None:
            raise RuntimeError("follow inside the block only")
        stream = StatusStream(
            self._dispatcher,
            self._session,
            pool=key.pool,
            instance=key.instance,
            url=key.url,
            stale_seconds=self._stale_seconds,
        )
        name = f"follow {key.instance}"
        self._tasks[key] = asyncio.create_task(stream.follow(self._token_of, self._on_lost), name=name)

    def _end(self, key: _Key) -> None:
        task = self._tasks.pop(key)
        task.cancel()
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
