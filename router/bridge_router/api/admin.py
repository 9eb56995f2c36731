"""`GET /api/v1/pools` and `/api/v1/instances`: what people and `bridge get` are told."""

from urllib.parse import urlsplit

from aiohttp import web

from bridge_api.base import WireModel
from bridge_api.wire.admin import InstanceList, InstanceView, PoolList, PoolView
from bridge_router.core.endpoint import Endpoint
from bridge_router.core.pool import Pool
from bridge_router.router import ROUTER


async def list_pools(request: web.Request) -> web.Response:
    """List the pools with their counts."""
    dispatcher = request.app[ROUTER].dispatcher
    now = dispatcher.clock()
    return _json(PoolList(pools=[_pool_view(pool, now) for pool in dispatcher.pools.values()]))


async def list_instances(request: web.Request) -> web.Response:
    """List the instances of every pool with their slots."""
    pools = request.app[ROUTER].dispatcher.pools.values()
    views = [_instance_view(pool.key, endpoint) for pool in pools for endpoint in pool.endpoints.values()]
    return _json(InstanceList(instances=views))


def _pool_view(pool: Pool, now: float) -> PoolView:
    spec, load = pool.resource.spec, pool.load(now)
    return PoolView(
        namespace=pool.resource.metadata.namespace,
        name=pool.resource.metadata.name,
        site=spec.site.url,
        strategy=spec.load_balancing.strategy,
        min_instances=spec.autoscaling.min_instances,
        max_instances=spec.autoscaling.max_instances,
        desired_instances=pool.resource.status.desired_instances if pool.resource.status else 0,
        instances=len(pool.endpoints),
        ready_instances=load.ready_instances,
        slots=load.slots,
        busy=load.busy,
        pending=load.pending,
        models=list(pool.offer.names),
    )


def _instance_view(pool_key: str, endpoint: Endpoint) -> InstanceView:
    status = endpoint.status
    return InstanceView(
        instance=endpoint.instance,
        pool=pool_key,
        profile=status.profile if status is not None else "",
        url=endpoint.url,
        metrics_url=_metrics_url(endpoint),
        connected=endpoint.connected,
        ready=endpoint.ready,
        started=status is not None and status.started,
        draining=endpoint.terminating or (status is not None and status.draining),
        cordoned=status is not None and bool(status.cordons),
        slots=status.slots if status is not None else [],
    )


def _metrics_url(endpoint: Endpoint) -> str:
    if endpoint.status is None or not endpoint.status.metrics_port:
        return ""
    parts = urlsplit(endpoint.url)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{endpoint.status.metrics_port}"


def _json(model: WireModel) -> web.Response:
    return web.Response(text=model.model_dump_json(by_alias=True), content_type="application/json")
