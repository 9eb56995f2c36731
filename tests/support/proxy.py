"""A small forward proxy on loopback that asks for a name and a password, and keeps a ledger of who asked for what."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

HEAD_END = b"\r\n\r\n"
DEADLINE_SECONDS = 10.0
CHUNK_BYTES = 65536


@dataclass
class SmallProxy:
    """One request for each connection; a `CONNECT` is piped, everything else is sent on in the site's own form."""

    username: str
    password: str
    port: int = 0
    served: list[str] = field(default_factory=list)
    """The method and the target of each request that had the right credentials."""

    refused: int = 0
    heads_sent_on: list[bytes] = field(default_factory=list)
    """What a site got to see."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def write_secret(self, directory: Path, **other_values: str) -> None:
        """Write the keys of this proxy's Secret, as Kubernetes would mount them."""
        values = {"server": self.url, "username": self.username, "password": self.password, **other_values}
        directory.mkdir(parents=True, exist_ok=True)
        for key, value in values.items():
            (directory / key).write_text(value + "\n")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                head = await reader.readuntil(HEAD_END)
            await self._answer(head, reader, writer)
        except (OSError, EOFError, TimeoutError):
            return  # a browser opens connections that it does not use, and leaves those that it has used
        finally:
            writer.close()

    async def _answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = head.removesuffix(HEAD_END).split(b"\r\n")
        method, target, _ = first.decode().split(" ")
        if self._credentials() not in lines:
            self.refused += 1
            writer.write(
                b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="small"\r\n'
                b"Content-Length: 0\r\nConnection: close\r\n\r\n"
            )
            await writer.drain()
            return
        self.served.append(f"{method} {target}")
        site = urlsplit(f"//{target}" if method == "CONNECT" else target)
        to_browser, to_site = await asyncio.open_connection(site.hostname, site.port)
        try:
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established" + HEAD_END)
            else:
                to_site.write(self._sent_on(method, target, lines))
            await _pipe_both(reader, writer, to_browser, to_site)
        finally:
            to_site.close()

    def _sent_on(self, method: str, target: str, lines: list[bytes]) -> bytes:
        parts = urlsplit(target)
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        kept = [line for line in lines if not line.lower().startswith((b"proxy-", b"connection:"))]
        head = b"\r\n".join([f"{method} {path} HTTP/1.1".encode(), *kept, b"Connection: close"]) + HEAD_END
        self.heads_sent_on.append(head)
        return head

    def _credentials(self) -> bytes:
        pair = base64.b64encode(f"{self.username}:{self.password}".encode())
        return b"Proxy-Authorization: Basic " + pair


async def _pipe_both(
    from_browser: asyncio.StreamReader,
    to_browser: asyncio.StreamWriter,
    from_site: asyncio.StreamReader,
    to_site: asyncio.StreamWriter,
) -> None:
    """Pass bytes on until one of the two ends."""
    pipes = [
        asyncio.create_task(_pipe(from_browser, to_site)),
        asyncio.create_task(_pipe(from_site, to_browser)),
    ]
    try:
        await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pipe in pipes:
            pipe.cancel()
        await asyncio.gather(*pipes, return_exceptions=True)


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(CHUNK_BYTES):
        target.write(data)
        await target.drain()


@asynccontextmanager
async def running_proxy(name: str = "one", *, port: int = 0) -> AsyncIterator[SmallProxy]:
    """Run a proxy on a free port, or on this one, and end it with the connections that it has."""
    proxy = SmallProxy(f"canary-user-{name}", f"canary-password-{name}")
    connections: set[asyncio.Task[None]] = set()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(proxy.serve(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()
