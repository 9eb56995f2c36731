"""What happens to every request around its handler: an id, access, CORS, and errors in OpenAI's shape."""

from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler

from bridge_api import names
from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.request_id import sane_request_id
from bridge_router.core.access import Caller, check
from bridge_router.core.outlook import Denial
from bridge_router.router import KEY_ID, REQUEST_ID, ROUTER
from bridge_runtime.logs import get_logger

LOAD_FEED = "/load/"
"""Has tokens of its own, where there is a master token; everything else asks for a key."""

EXISTING = "POST /v1/chat/completions, GET /v1/models, GET /v1/models/{id}"

_PREFLIGHT_SECONDS = "600"
_EXPOSED = (
    f"{names.REQUEST_ID}, {names.INSTANCE}, {names.ATTEMPTS}, {names.QUEUE_SECONDS}, "
    f"{names.AFFINITY}, {names.IGNORED}"
)
_log = get_logger("router")


@web.middleware
async def give_id(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Name the request: the client's own name for it, or a new one."""
    request[REQUEST_ID] = sane_request_id(request.headers.get(names.REQUEST_ID)) or f"req_{uuid4().hex}"
    request[KEY_ID] = ""
    return await handler(request)


@web.middleware
async def shape_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn failures into OpenAI's error objects."""
    try:
        return await handler(request)
    except BridgeError as error:
        return _response(error)
    except web.HTTPNotFound:
        return _response(BridgeError(ErrorKind.NOT_FOUND, f"No such path; there is: {EXISTING}."))
    except web.HTTPMethodNotAllowed as refused:
        allowed = ", ".join(sorted(refused.allowed_methods))
        message = f"{request.method} is not for {request.path}; allowed: {allowed}."
        response = _response(BridgeError(ErrorKind.METHOD_NOT_ALLOWED, message))
        response.headers["Allow"] = allowed
        return response
    except (web.HTTPException, ConnectionError):
        raise
    except Exception:  # noqa: BLE001 - a defect of ours: an error of the usual shape for the client, the traceback for the log
        _log.exception("defect", request_id=request[REQUEST_ID], path=request.path)
        return _response(
            BridgeError(ErrorKind.INTERNAL, "The router has a defect; its log has this request id.")
        )


@web.middleware
async def check_access(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who may ask."""
    router = request.app[ROUTER]
    policy = router.policy
    caller = Caller(
        authorization=request.headers.get("Authorization", ""),
        host=request.headers.get("Host", ""),
        origin=request.headers.get("Origin"),
        port=_own_port(request),
    )
    if caller.origin is not None and _is_preflight(request):
        return _preflight(allowed=caller.origin in policy.allowed_origins)
    if not (router.tokens.known and request.path.startswith(LOAD_FEED)):
        verdict = check(policy, caller)
        if isinstance(verdict, Denial):
            raise verdict.error()
        request[KEY_ID] = verdict
    return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the request's id on every answer, and what browsers ask of one for an allowed origin."""
    response.headers[names.REQUEST_ID] = request.get(REQUEST_ID, "")
    origin = request.headers.get("Origin")
    if origin is not None and origin in request.app[ROUTER].policy.allowed_origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        response.headers["Vary"] = "Origin"


def _response(error: BridgeError) -> web.Response:
    return web.json_response(error.body(), status=error.kind.status, headers=error.headers())


def _is_preflight(request: web.Request) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _preflight(*, allowed: bool) -> web.Response:
    if not allowed:
        message = "Web pages of this origin may not use this API; --allowed-origins (BRIDGE_ALLOWED_ORIGINS) would let them."
        raise BridgeError(ErrorKind.PERMISSION_DENIED, message)
    headers = {
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": f"Authorization, Content-Type, {names.REQUEST_ID}",
        "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
    }
    return web.Response(status=204, headers=headers)


def _own_port(request: web.Request) -> int:
    address = request.transport.get_extra_info("sockname") if request.transport else None
    return int(address[1]) if address else 0
