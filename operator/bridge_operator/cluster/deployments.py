"""What is read of a raw Deployment, and of the ReplicaSet that has its pods."""

from bridge_operator.cluster.trim import TEMPLATE, template_digest
from bridge_runtime.kube import Object


def number_of(deployment: Object) -> int:
    return int(deployment["spec"].get("replicas", 1))


def keeps_its_pods(deployment: Object, replica_set: Object) -> bool:
    """Tell whether a ReplicaSet is the Deployment's, and of its template or not empty."""
    if controller_uid(replica_set) != deployment["metadata"]["uid"]:
        return False
    count = replica_set["spec"].get("replicas", 1) or replica_set["status"].get("replicas", 0)
    return bool(count) or replica_set["spec"][TEMPLATE] == template_digest(deployment["spec"]["template"])


def controller_uid(obj: Object) -> str:
    owners = obj["metadata"].get("ownerReferences") or ()
    return next((str(owner["uid"]) for owner in owners if owner.get("controller")), "")
