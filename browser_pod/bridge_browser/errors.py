"""Errors as HTTP responses, in OpenAI's shape, whatever has raised them."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bridge_api.errors import BridgeError, ErrorKind
from bridge_runtime.logs import get_logger

log = get_logger("api")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def error_response(error: BridgeError, headers: Mapping[str, str] | None = None) -> web.Response:
    """Make the response of an error."""
    return web.json_response(
        error.body(), status=error.kind.status, headers={**(headers or {}), **error.headers()}
    )


@web.middleware
async def errors_in_one_shape(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into OpenAI's shape."""
    try:
        return await handler(request)
    except BridgeError as error:
        return error_response(error)
    except web.HTTPException as error:
        return error_response(_of_aiohttp(request, error))
    except ConnectionResetError:
        raise  # the client has left, which is no defect: aiohttp lets it go
    except Exception:  # a defect of ours: the client gets an answer, the log the traceback
        log.exception("request failed", path=request.path)
        return error_response(BridgeError(ErrorKind.INTERNAL, "A defect of the bridge; its log has more."))


def _of_aiohttp(request: web.Request, error: web.HTTPException) -> BridgeError:
    kinds = {
        404: (ErrorKind.NOT_FOUND, f"No such path: {request.path}"),
        405: (ErrorKind.METHOD_NOT_ALLOWED, f"{request.method} is not for {request.path}"),
        413: (ErrorKind.REQUEST_TOO_LARGE, "The body is above the limit."),
    }
    kind, message = kinds.get(error.status, (ErrorKind.BAD_REQUEST, error.reason))
    return BridgeError(kind, message)
