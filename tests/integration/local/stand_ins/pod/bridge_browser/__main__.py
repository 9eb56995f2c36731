"""A pod without a browser: it listens, is ready unless the stage has said otherwise at its start, idle, can be cordoned, and keeps a journal."""

import asyncio
import json
import sys
from pathlib import Path

from aiohttp import web

from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.instance import Cordon, CordonRequest, InstanceStatus, SlotState, SlotStatus
from bridge_runtime.serving import serve
from bridge_runtime.tokens import bearer_matches
from tests.integration.local.stand_ins.common import announce, arguments, note, say, stage, until_asked

STATUS_SECONDS = 5.0


class Pod:
    def __init__(self, name: str, pool: BridgeInstancePool, token: str) -> None:
        self._name, self._pool, self._token = name, pool, token
        self._state = SlotState.STARTING if (stage() / "never-ready").exists() else SlotState.READY
        self._cordons: list[Cordon] = []
        self._version = 1

    async def stream(self, request: web.Request) -> web.StreamResponse:
        assert bearer_matches(request.headers, self._token)
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(self._status().model_dump_json(by_alias=True).encode() + b"\n")
            await asyncio.sleep(STATUS_SECONDS)

    async def cordon(self, request: web.Request) -> web.Response:
        asked = CordonRequest.model_validate_json(await request.read())
        cordon = Cordon(owner=asked.owner, epoch=asked.epoch, ttl_seconds=asked.ttl_seconds)
        return self._cordoned(request, "cordoned", [cordon])

    async def uncordon(self, request: web.Request) -> web.Response:
        return self._cordoned(request, "taken back", [])

    def _cordoned(self, request: web.Request, what: str, cordons: list[Cordon]) -> web.Response:
        assert bearer_matches(request.headers, self._token)
        self._cordons = cordons
        self._version += 1
        note(what, self._name)
        return web.json_response(text=self._status().model_dump_json(by_alias=True))

    def _status(self) -> InstanceStatus:
        slots = [SlotStatus(slot=number, state=self._state) for number in range(self._pool.spec.slots)]
        started = self._state is SlotState.READY
        return InstanceStatus(
            instance=self._name,
            pool=self._pool.key,
            boot="1",
            version=self._version,
            started=started,
            cordons=self._cordons,
            slots=slots,
        )


async def healthy(_: web.Request) -> web.Response:
    return web.Response()


def make_pod(given: dict[str, str]) -> Pod:
    pool = BridgeInstancePool.model_validate(json.loads(Path(given["--pool-file"]).read_text()))
    return Pod(given["--instance"], pool, Path(given["--token-file"]).read_text())


async def main() -> int:
    given = arguments()
    name = given["--instance"]
    if (stage() / "die-at-start").exists():
        say("dies at its start, as the stage says")
        return 3
    app = web.Application()
    pod = make_pod(given)
    app.router.add_get("/healthz", healthy)
    app.router.add_get("/status/stream", pod.stream)
    app.router.add_post("/cordon", pod.cordon)
    app.router.add_post("/uncordon", pod.uncordon)
    async with serve(app, host=given["--host"], port=0, shutdown_seconds=0.1) as port:
        note("listens", name)
        announce(f"http://127.0.0.1:{port}")
        await until_asked(name)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
