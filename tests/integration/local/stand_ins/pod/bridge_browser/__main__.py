"""A pod without a browser: it listens, is ready unless the stage has said otherwise at its start, and keeps a journal."""

import asyncio
import json
import sys
from pathlib import Path

from aiohttp import web

from bridge_api.pool import BridgeInstancePool
from bridge_api.wire.instance import InstanceStatus, SlotState, SlotStatus
from bridge_runtime.serving import serve
from bridge_runtime.tokens import bearer_matches
from tests.integration.local.stand_ins.common import announce, arguments, note, say, stage, until_asked

STATUS_SECONDS = 5.0


class Pod:
    def __init__(self, name: str, pool: BridgeInstancePool, token: str) -> None:
        self._name, self._pool, self._token = name, pool, token
        self._state = SlotState.STARTING if (stage() / "never-ready").exists() else SlotState.READY

    async def stream(self, request: web.Request) -> web.StreamResponse:
        assert bearer_matches(request.headers, self._token)
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(self._status().model_dump_json(by_alias=True).encode() + b"\n")
            await asyncio.sleep(STATUS_SECONDS)

    def _status(self) -> InstanceStatus:
        slots = [SlotStatus(slot=number, state=self._state) for number in range(self._pool.spec.slots)]
        started = self._state is SlotState.READY
        return InstanceStatus(
            instance=self._name, pool=self._pool.key, boot="1", version=1, started=started, slots=slots
        )


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
    app.router.add_get("/status/stream", make_pod(given).stream)
    async with serve(app, host=given["--host"], port=0, shutdown_seconds=0.1) as port:
        note("listens", name)
        announce(f"http://127.0.0.1:{port}")
        await until_asked(name)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
