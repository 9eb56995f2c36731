"""Listen on an address with aiohttp for as long as a block runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


class CannotListen(Exception):
    """The address is taken or not ours; the message says so to a person."""


@asynccontextmanager
async def serve(
    app: web.Application, *, host: str, port: int, shutdown_seconds: float = 5.0
) -> AsyncIterator[int]:
    """Serve an application and yield the port; a handler whose client leaves is cancelled.

    Raises:
        CannotListen: The address is in use or cannot be bound.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=shutdown_seconds,
        handle_signals=False,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as refused:
            raise CannotListen(f"cannot listen on {host}:{port}: {refused.strerror or refused}") from refused
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
