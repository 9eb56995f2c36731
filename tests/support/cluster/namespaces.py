"""A namespace for each test, and the rights that users of the tests get in it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.support.cluster.api import Api, Object, path_of

RBAC = "rbac.authorization.k8s.io/v1"


@asynccontextmanager
async def own_namespace(api: Api, name: str) -> AsyncIterator[str]:
    """Make a namespace, and let it go with all that is in it."""
    await api.create(path_of("v1", "namespaces"), {"metadata": {"name": name}})
    try:
        yield name
    finally:
        await api.delete(path_of("v1", "namespaces", name=name))
        # No kubelet ends these any more.
        await api.delete(path_of("v1", "pods", name), gracePeriodSeconds="0")


async def grant(api: Api, user: str, namespace: str, rules: Sequence[Object]) -> str:
    """Give a user rights in a namespace, and return the name of the Role and RoleBinding that do."""
    name = f"{user}-in-tests"
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    role = {"metadata": {"name": name}, "rules": list(rules)}
    binding = {"metadata": {"name": name}, "roleRef": reference, "subjects": [subject]}
    await api.create(path_of(RBAC, "roles", namespace), role)
    await api.create(path_of(RBAC, "rolebindings", namespace), binding)
    return name


async def withdraw(api: Api, user: str, namespace: str) -> None:
    """Take a user's rights in a namespace away again."""
    await api.delete(path_of(RBAC, "rolebindings", namespace, f"{user}-in-tests"))
    await api.delete(path_of(RBAC, "roles", namespace, f"{user}-in-tests"))
