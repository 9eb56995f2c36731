"""Who a pool's pods are: an account that may do nothing, and the token that they answer to."""

import base64

from bridge_api import names
from bridge_api.pool import BridgeInstancePool
from bridge_operator.resources.names import base_name
from bridge_operator.resources.objects import Object, make_object, with_intent


def make_service_account(pool: BridgeInstancePool) -> Object:
    account = make_object(pool, "v1", "ServiceAccount", base_name(pool), automountServiceAccountToken=False)
    return with_intent(account)


def make_secret(pool: BridgeInstancePool, token: str) -> Object:
    """Make the Secret with the pool's token; without a digest in it, since nobody may read it to compare."""
    data = {names.TOKEN_KEY: base64.b64encode(token.encode()).decode()}
    return make_object(pool, "v1", "Secret", base_name(pool), type="Opaque", data=data)
