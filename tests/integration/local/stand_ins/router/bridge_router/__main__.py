"""A router that routes nothing: it takes its port and keeps a journal."""

import asyncio
import sys

from aiohttp import web

from bridge_runtime.serving import CannotListen, serve
from tests.integration.local.stand_ins.common import announce, arguments, note, say, until_asked


async def alive(_: web.Request) -> web.Response:
    return web.Response(text="alive")


async def main() -> int:
    given = arguments()
    try:
        app = web.Application()
        app.router.add_get("/healthz", alive)
        async with serve(app, host=given["--host"], port=int(given["--port"])) as port:
            note("listens", "router")
            announce(f"http://{given['--host']}:{port}")
            await until_asked("router")
    except CannotListen as refused:
        say(str(refused))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
