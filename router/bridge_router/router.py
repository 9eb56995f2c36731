"""Everything one router process has, for the handlers."""

from dataclasses import dataclass, field

from aiohttp import web

from bridge_router.core.access import AccessPolicy
from bridge_router.discovery.source import Source
from bridge_router.dispatch import Dispatcher
from bridge_router.metrics import Metrics
from bridge_router.pods.upstream import Upstream
from bridge_router.running import Running
from bridge_router.settings import RouterSettings
from bridge_router.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Router:
    """One router process."""

    settings: RouterSettings
    name: str
    boot: str
    policy: AccessPolicy
    tokens: Tokens
    source: Source
    dispatcher: Dispatcher
    upstream: Upstream
    metrics: Metrics
    running: Running = field(default_factory=Running)


ROUTER = web.AppKey("router", Router)
KEY_ID = web.RequestKey("key_id", str)
REQUEST_ID = web.RequestKey("request_id", str)
