"""Pools of the tests, and what the API server says of them."""

from bridge_api import names
from tests.support.cluster.api import Api, Object
from tests.support.cluster.crd import pools_path
from tests.support.waiting import eventually

_AT_ONCE = {"policies": [{"type": "Pods", "value": 100, "periodSeconds": 1}]}
QUICK = {"stableWindowSeconds": 1, "behavior": {"scaleUp": _AT_ONCE, "scaleDown": _AT_ONCE}}
"""Scaling that a test need not wait for."""


def make_pool(name: str = "demo", **spec: object) -> Object:
    """Make a pool with the defaults, but for what is given."""
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": name},
        "spec": {"site": {"adapter": "arena", "url": "http://site.example"}, **spec},
    }


async def create_pool(api: Api, namespace: str, name: str = "demo", **spec: object) -> Object:
    return await api.create(pools_path(namespace), make_pool(name, **spec))


async def edit_pool(api: Api, namespace: str, name: str = "demo", **spec: object) -> Object:
    return await api.patch(pools_path(namespace, name), {"spec": spec})


async def condition(api: Api, namespace: str, kind: str, name: str = "demo") -> Object:
    """Return a condition of a pool; empty where it has none."""
    pool = await api.get(pools_path(namespace, name))
    found = [one for one in pool.get("status", {}).get("conditions", []) if one["type"] == kind]
    return found[0] if found else {}


async def reason_of(api: Api, namespace: str, kind: str, reason: str, name: str = "demo") -> Object:
    """Wait until a condition has a reason, and return it."""

    async def has_it() -> Object:
        found = await condition(api, namespace, kind, name)
        return found if found.get("reason") == reason else {}

    return await eventually(has_it, what=f"{kind} being {reason}")
