"""The headless Service of a pool: its EndpointSlices are how routers find its pods."""

from bridge_api import names
from bridge_api.pool import BridgeInstancePool
from bridge_operator.resources.names import base_name
from bridge_operator.resources.objects import Object, make_object, pool_selector, with_intent


def make_service(pool: BridgeInstancePool) -> Object:
    port = {
        "name": names.HTTP_PORT_NAME,
        "port": names.POD_PORT,
        "targetPort": names.HTTP_PORT_NAME,
        "protocol": "TCP",
    }
    spec = {"clusterIP": "None", "selector": pool_selector(pool), "ports": [port]}
    return with_intent(make_object(pool, "v1", "Service", base_name(pool), spec=spec))
