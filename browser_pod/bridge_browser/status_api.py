"""What an instance says of itself and takes from those who look after it: status, models, cordons, checks."""

import asyncio
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.wire.instance import CordonRequest
from bridge_browser.instance import Instance
from bridge_browser.intake import Intake, not_found

LINE_EVERY_SECONDS: Final = 5.0
"""A stream of statuses is never silent for longer, so that a dead one is known."""

CHECK_SECONDS: Final = 60.0
"""Longest wait for a check: pages may have to be loaded anew."""

Model = TypeVar("Model", bound=BaseModel)


class StatusApi:
    def __init__(self, instance: Instance, intake: Intake) -> None:
        self._instance = instance
        self._intake = intake
        self._closing = False

    def close(self) -> None:
        """End the streams."""
        self._closing = True
        self._instance.changes.announce()

    async def models(self, _: web.Request) -> web.Response:
        """List the models as the OpenAI API does."""
        return web.json_response({"object": "list", "data": self._offered()})

    async def model(self, request: web.Request) -> web.Response:
        """Show one model as the OpenAI API does."""
        name = request.match_info["model"]
        found = next((model for model in self._offered() if model["id"] == name), None)
        if found is None:
            raise not_found(name)
        return web.json_response(found)

    def _offered(self) -> list[dict[str, Any]]:
        makers = {model.id: model.organization for model in self._instance.board.models}
        aliases = self._instance.pool.spec.models.aliases
        return [
            {
                "id": name,
                "object": "model",
                "created": 0,  # the site does not say
                "owned_by": makers.get(aliases.get(name, name)) or makers.get(name, ""),
            }
            for name in self._intake.offered(list(makers))
        ]

    async def status(self, _: web.Request) -> web.Response:
        return self._status_response()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send the whole status, once at first, at each change and now and then."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "application/x-ndjson",
                "Cache-Control": "no-cache",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        while not self._closing:
            status = self._instance.status()
            await response.write(status.model_dump_json(by_alias=True).encode() + b"\n")
            if status.version == self._instance.board.version:
                await self._instance.changes.wait(self._seconds_to_next_line())
        return response

    async def cordon(self, request: web.Request) -> web.Response:
        self._instance.board.cordon(await _read(request, CordonRequest), _now())
        return self._status_response()

    async def uncordon(self, request: web.Request) -> web.Response:
        self._instance.board.uncordon(await _read(request, CordonRequest), _now())
        return self._status_response()

    async def check(self, _: web.Request) -> web.Response:
        """Look at every page that is not in use, and say what was seen."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._instance.check()
        except TimeoutError:
            pass  # the status says which slots are not back yet
        return self._status_response()

    def _status_response(self) -> web.Response:
        return web.Response(
            text=self._instance.status().model_dump_json(by_alias=True), content_type="application/json"
        )

    def _seconds_to_next_line(self) -> float:
        expiry = self._instance.board.next_expiry()
        if expiry is None:
            return LINE_EVERY_SECONDS
        return min(LINE_EVERY_SECONDS, max(0.0, expiry - _now()))


async def _read(request: web.Request, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as invalid:
        mistake = invalid.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, mistake["loc"]))
        raise BridgeError(ErrorKind.BAD_REQUEST, f"{place}: {mistake['msg']}", param=place or None) from None


def _now() -> float:
    return asyncio.get_running_loop().time()
