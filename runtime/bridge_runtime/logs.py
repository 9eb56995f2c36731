"""Logs: structured lines on standard error. INFO is something that changed; no message texts or secrets at any level."""

import logging
import sys
import traceback
from collections.abc import Iterator

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from structlog.typing import ExcInfo, Processor


def configure_logs(*, level: str, json: bool) -> None:
    """Set up structlog and the standard library's loggers for this process."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_without_messages),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(_is_not_about_a_malformed_request)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)


def _without_messages(exc_info: ExcInfo) -> str:
    """Say where an exception comes from and of which type each is: its message may quote a chat, a cookie or a key."""
    return "".join(_lines_of(exc_info[1]))


def _lines_of(error: BaseException) -> Iterator[str]:
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"
    yield from traceback.format_tb(error.__traceback__)
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _lines_of(inner)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield "after "
        yield from _lines_of(cause)


def _is_not_about_a_malformed_request(record: logging.LogRecord) -> bool:
    """Leave out what cannot be parsed: its traceback quotes the request, and with it perhaps a key; the sender gets a 400."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


def get_logger(part: str) -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=part)
    return logger
