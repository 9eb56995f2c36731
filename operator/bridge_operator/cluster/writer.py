"""Every write to the cluster: only while we lead, and what it returns is known at once. And what must be read just before one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bridge_api import names
from bridge_api.pool import BridgeInstancePool
from bridge_operator.cluster.queue import NotNow
from bridge_operator.cluster.store import Store
from bridge_operator.cluster.terms import OBJECTS_MANAGER, SCALE_MANAGER, STATUS_MANAGER
from bridge_runtime.kube import KubeError, Object, Resource
from bridge_runtime.kube.client import KubeApi
from bridge_runtime.kube.errors import CONFLICT, INVALID, NOT_FOUND
from bridge_runtime.kube.resource import DEPLOYMENTS, PODS, POOLS

GONE_BY_NOW: Final = (NOT_FOUND, CONFLICT)
"""With a UID as the condition: that object is not there any more."""


class NotLeading(NotNow):
    """Another operator may act by now."""

    def __init__(self) -> None:
        super().__init__("another operator may lead by now")


@dataclass(frozen=True, slots=True)
class Writer:
    api: KubeApi
    store: Store
    leads: Callable[[], bool]

    async def confirm(self, pool: BridgeInstancePool) -> None:
        """Ask whether a pool is still there, which a watch that was cut would not say.

        Raises:
            KubeError: It is gone, is going, or is another one of its name.
        """
        metadata = pool.metadata
        found = (await self.api.get(POOLS, metadata.namespace, metadata.name))["metadata"]
        if found["uid"] != metadata.uid or "deletionTimestamp" in found:
            raise KubeError(CONFLICT, "Conflict", f"{pool.key} is not there any more as it was")

    async def apply(self, resource: Resource, intent: Object) -> Object:
        self._check()
        written = await self.api.apply(resource, intent, manager=OBJECTS_MANAGER)
        self.store.offer(resource, written)
        return written

    async def create(self, resource: Resource, intent: Object) -> Object:
        """Make an object.

        Raises:
            KubeError: There is one of its name (409 AlreadyExists), or the API server refuses otherwise.
        """
        self._check()
        written = await self.api.create(resource, intent)
        self.store.offer(resource, written)
        return written

    async def delete(self, resource: Resource, obj: Object) -> None:
        """Delete an object; one that is gone already, or another one by now, is no failure: a watch may be late."""
        self._check()
        metadata = obj["metadata"]
        try:
            await self.api.delete(resource, metadata["namespace"], metadata["name"], uid=metadata["uid"])
        except KubeError as refused:
            if refused.status not in GONE_BY_NOW:
                raise

    async def list_pods(self, deployment: Object) -> list[Object]:
        """Read a Deployment's pods as they are now, not as a watch has brought them."""
        labels = deployment["spec"]["selector"]["matchLabels"]
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        pods, _ = await self.api.list(PODS, deployment["metadata"]["namespace"], selector=selector)
        return pods

    async def set_replicas(self, deployment: Object, replicas: int) -> None:
        """Say how many, and take the number over from whoever said it before, if the Deployment is still as it was read.

        Raises:
            KubeError: It is not (409), or the API server refuses otherwise.
        """
        self._check()
        scale = _scale(deployment, replicas)
        written = await self.api.apply(DEPLOYMENTS, scale, manager=SCALE_MANAGER, subresource="scale")
        self._note(deployment, written)

    async def lower_replicas(self, deployment: Object, replicas: int) -> None:
        """Say how many fewer, if the Deployment is still as it was read.

        Raises:
            KubeError: It is not (409), or the API server refuses otherwise.
        """
        self._check()
        scale = _scale(deployment, replicas)
        written = await self.api.replace(DEPLOYMENTS, scale, manager=SCALE_MANAGER, subresource="scale")
        self._note(deployment, written)

    async def annotate_deployment(self, deployment: Object, annotations: dict[str, str | None]) -> None:
        await self._patch(deployment, {"metadata": {"annotations": annotations}})

    async def pause(self, deployment: Object) -> Object:
        """Keep a Deployment from ever rolling; the rest of it stays as it was made."""
        return await self._patch(deployment, {"spec": {"paused": True}})

    async def unpause(self, deployment: Object) -> Object:
        """Let a Deployment that has lost its ReplicaSet make another one; whoever wrote `paused`, it goes."""
        return await self._patch(deployment, {"spec": {"paused": None}})

    async def _patch(self, deployment: Object, patch: Object) -> Object:
        self._check()
        metadata = deployment["metadata"]
        written = await self.api.merge(
            DEPLOYMENTS, metadata["namespace"], metadata["name"], patch, manager=OBJECTS_MANAGER
        )
        self.store.offer(DEPLOYMENTS, written)
        return written

    async def mark_pod(
        self, pod: Object, *, labels: dict[str, str | None] | None = None, annotations: dict[str, str | None]
    ) -> None:
        """Change labels and annotations of one pod, if it is still there.

        What is written here counts only once a watch has shown it.
        """
        self._check()
        metadata = pod["metadata"]
        changes: dict[str, Any] = {"uid": metadata["uid"], "annotations": annotations}
        if labels is not None:
            changes["labels"] = labels
        patch, manager = {"metadata": changes}, OBJECTS_MANAGER
        try:
            await self.api.merge(PODS, metadata["namespace"], metadata["name"], patch, manager=manager)
        except KubeError as refused:
            is_another_one = refused.status == INVALID and "metadata.uid" in refused.message
            if refused.status not in GONE_BY_NOW and not is_another_one:
                raise

    async def set_status(self, pool: Object, status: Object) -> None:
        self._check()
        metadata = {name: pool["metadata"][name] for name in ("namespace", "name", "uid")}
        intent = {
            "apiVersion": names.API_VERSION,
            "kind": names.KIND,
            "metadata": metadata,
            "status": status,
        }
        written = await self.api.apply(POOLS, intent, manager=STATUS_MANAGER, subresource="status")
        self.store.offer(POOLS, written)

    async def set_first_replicas(self, pool: Object, replicas: int) -> None:
        """Say how many where nobody has yet; a pool that has changed since it was read is left for the next look.

        An API server answers `GET /scale` only where the field is there, and no HPA begins without that. It takes no
        server-side apply to the scale of a custom resource.
        """
        self._check()
        metadata = {name: pool["metadata"][name] for name in ("uid", "resourceVersion")}
        patch = {"metadata": metadata, "spec": {"replicas": replicas}}
        namespace, name = pool["metadata"]["namespace"], pool["metadata"]["name"]
        try:
            await self.api.merge(POOLS, namespace, name, patch, manager=SCALE_MANAGER, subresource="scale")
        except KubeError as refused:
            if refused.status != CONFLICT:
                raise

    def _check(self) -> None:
        if not self.leads():
            raise NotLeading

    def _note(self, deployment: Object, scale: Object) -> None:
        """Know the new number before the watch brings it, or the next look would ask for it again."""
        metadata = {**deployment["metadata"], "resourceVersion": scale["metadata"]["resourceVersion"]}
        spec = {**deployment["spec"], "replicas": int(scale["spec"].get("replicas", 0))}
        self.store.offer(DEPLOYMENTS, {**deployment, "metadata": metadata, "spec": spec})


def _scale(deployment: Object, replicas: int) -> Object:
    read = {name: deployment["metadata"][name] for name in ("namespace", "name", "resourceVersion")}
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": read,
        "spec": {"replicas": replicas},
    }
