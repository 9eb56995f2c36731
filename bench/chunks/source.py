"""A site that streams stamped chunks into pages: `python -m bench.chunks.source`; a process of its own, so that nobody else pays for it.

All streams of a round start together, as soon as every slot has asked.
"""

import argparse
import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from bench.chunks.arrivals import chunk
from bridge_api.wire.local import Listening
from bridge_runtime.lifeline import watch_for_ending
from bridge_runtime.serving import serve

PATH: Final = "/stream"

PAGE: Final = """<!doctype html><title>chunks</title><script>
async function readAll(slot, forward) {
  const response = await fetch("/stream?slot=" + slot, { method: "POST", body: "{}" });
  const reader = response.body.getReader(), decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const text = decoder.decode(value, { stream: true });
    if (forward) forward(text);
  }
}
</script>"""
"""The page reads and decodes its answer whichever way the chunks leave; it shows nothing, because that is the site's own cost."""


@dataclass(slots=True)
class Source:
    slots: int
    chunks: int
    pace_seconds: float
    waiting: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def page(self, _: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await self._all_there()
        begin = time.monotonic() + self.pace_seconds * int(request.query["slot"]) / self.slots
        for number in range(self.chunks):
            await asyncio.sleep(begin + number * self.pace_seconds - time.monotonic())
            await response.write(chunk(number, time.monotonic()).encode())
        return response

    async def _all_there(self) -> None:
        self.waiting += 1
        if self.waiting == self.slots:
            self.go.set()
            self.go, self.waiting = asyncio.Event(), 0
        else:
            await self.go.wait()


async def main(source: Source) -> None:
    ending = watch_for_ending(lifeline=True)
    app = web.Application()
    app.add_routes([web.get("/", source.page), web.post(PATH, source.stream)])
    async with serve(app, host="127.0.0.1", port=0, shutdown_seconds=1.0) as port:
        listening = Listening(url=f"http://127.0.0.1:{port}", metrics_url="")
        print(listening.model_dump_json(by_alias=True), flush=True)
        await ending.drain.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slots", type=int, required=True)
    parser.add_argument("--chunks", type=int, required=True)
    parser.add_argument("--pace-ms", type=float, required=True)
    options = parser.parse_args()
    asyncio.run(main(Source(options.slots, options.chunks, options.pace_ms / 1000)))
