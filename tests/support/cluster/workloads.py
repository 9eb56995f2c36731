"""Deployments and pods of the tests' own, for what Kubernetes itself does."""

from tests.support.cluster.api import MERGE, Api, Object, path_of

DEPLOYMENTS = "deployments"
COST = "controller.kubernetes.io/pod-deletion-cost"


def make_deployment(name: str, replicas: int, *, image: str = "image:1", **spec: object) -> Object:
    """Make a Deployment of pods with one container, labelled `app: NAME`."""
    container = {"name": "main", "image": image}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": template,
            **spec,
        },
    }


def deployment_path(namespace: str, name: str = "", subresource: str = "") -> str:
    return path_of("apps/v1", DEPLOYMENTS, namespace, name, subresource)


def pod_path(namespace: str, name: str = "", subresource: str = "") -> str:
    return path_of("v1", "pods", namespace, name, subresource)


async def scale(api: Api, namespace: str, name: str, replicas: int) -> None:
    await api.patch(deployment_path(namespace, name, "scale"), {"spec": {"replicas": replicas}}, MERGE)


async def annotate(api: Api, namespace: str, pod: str, key: str, value: str) -> None:
    await api.patch(pod_path(namespace, pod), {"metadata": {"annotations": {key: value}}}, MERGE)


async def label(api: Api, namespace: str, pod: str, key: str, value: str) -> None:
    await api.patch(pod_path(namespace, pod), {"metadata": {"labels": {key: value}}}, MERGE)


async def pods_by_readiness(api: Api, namespace: str) -> dict[str, bool]:
    """Map the name of each pod that is not being deleted to whether it is Ready."""
    return {
        pod["metadata"]["name"]: any(
            one["type"] == "Ready" and one["status"] == "True"
            for one in pod.get("status", {}).get("conditions", [])
        )
        for pod in await api.items(pod_path(namespace))
        if "deletionTimestamp" not in pod["metadata"]
    }
