"""What tests and people at the controls use: the journal, and failures on demand."""

import json
import time
from typing import Annotated, Literal

from aiohttp import web
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from bridge_demo_site.site import SITE, VISITOR
from bridge_demo_site.state.faults import Fault, FaultName, Moment
from bridge_runtime.logs import get_logger

log = get_logger("demo-site")
routes = web.RouteTableDef()


class PageEvent(BaseModel):
    """Something that a person, or a program in a person's place, did to a control of the page."""

    type: Literal["input", "click", "keydown", "paste"]
    trusted: bool
    target: Annotated[str, Field(max_length=50)]
    first: bool = False
    """The first text put into this page's message box."""


_EVENTS = TypeAdapter(list[PageEvent])


@routes.get("/_demo/journal")
async def read_journal(request: web.Request) -> web.Response:
    """List what arrived; a query such as `?kind=chat` keeps the entries with that field."""
    return web.json_response({"entries": request.app[SITE].journal.entries(request.query)})


@routes.delete("/_demo/journal")
async def clear_journal(request: web.Request) -> web.Response:
    request.app[SITE].journal.clear()
    return web.json_response({"entries": []})


@routes.get("/_demo/faults")
async def list_faults(request: web.Request) -> web.Response:
    return _faults(request)


@routes.put("/_demo/faults")
async def want_fault(request: web.Request) -> web.Response:
    """Want a failure for the next requests."""
    try:
        fault = Fault.model_validate_json(await request.read())
    except ValidationError as invalid:
        mistakes = json.loads(invalid.json(include_url=False, include_input=False, include_context=False))
        return web.json_response({"error": mistakes}, status=400)
    request.app[SITE].faults.put(fault, time.time())
    log.info("fault wanted", fault=fault.fault, times=fault.times)
    return _faults(request)


@routes.delete("/_demo/faults")
async def lift_faults(request: web.Request) -> web.Response:
    request.app[SITE].faults.lift()
    log.info("faults lifted")
    return _faults(request)


@routes.post("/_demo/events")
async def note_events(request: web.Request) -> web.Response:
    """Take what the page saw, and tell it which failures begin with its first text."""
    try:
        events = _EVENTS.validate_json(await request.read())
    except ValidationError:
        return web.json_response({"error": "Give a list of events"}, status=400)
    site, visitor = request.app[SITE], request[VISITOR]
    for event in events:
        site.note("event", visitor, type=event.type, trusted=event.trusted, target=event.target)
    begun: set[FaultName] = set()
    if any(event.first for event in events):
        begun = {fault.fault for fault in site.faults.take(Moment.TYPING)}
    return web.json_response({"faults": sorted(begun)})


def _faults(request: web.Request) -> web.Response:
    wanted = request.app[SITE].faults.wanted()
    return web.json_response({"faults": [fault.model_dump(mode="json", by_alias=True) for fault in wanted]})
