"""Pools with pods behind them, as the operator makes those, for tests of routers alone."""

from bridge_api import names
from bridge_api.pool import BridgeInstancePool
from bridge_operator.resources.names import base_name
from bridge_operator.resources.objects import make_object, pool_selector
from bridge_operator.resources.service import make_service
from tests.support.cluster.api import Api, Object, path_of
from tests.support.cluster.pools import create_pool
from tests.support.cluster.workloads import deployment_path, make_deployment, scale


async def serve_pool(
    api: Api, namespace: str, name: str = "demo", *, instances: int = 1
) -> BridgeInstancePool:
    """Make a pool, the operator's own Service of it, and a Deployment whose pods that selects; all go with the pool."""
    pool = BridgeInstancePool.model_validate(await create_pool(api, namespace, name))
    await api.create(path_of("v1", "services", namespace), make_service(pool))
    deployment = make_object(
        pool, "apps/v1", "Deployment", base_name(pool), spec=_deployment_spec(pool, instances)
    )
    await api.create(deployment_path(namespace), deployment)
    return pool


async def set_instances(api: Api, pool: BridgeInstancePool, instances: int) -> None:
    await scale(api, pool.metadata.namespace, base_name(pool), instances)


def _deployment_spec(pool: BridgeInstancePool, instances: int) -> Object:
    spec: Object = make_deployment(base_name(pool), instances)["spec"]
    spec["template"]["metadata"]["labels"] |= pool_selector(pool)
    port = {"name": names.HTTP_PORT_NAME, "containerPort": names.POD_PORT}
    spec["template"]["spec"]["containers"][0]["ports"] = [port]
    return spec
