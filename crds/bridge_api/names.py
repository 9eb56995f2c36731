"""Names that users, Kubernetes objects and the parts agree on, each in one place."""

from typing import Final

GROUP: Final = "lmarenabridge.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "BridgeInstancePool"
PLURAL: Final = "bridgeinstancepools"
SINGULAR: Final = "bridgeinstancepool"
SHORT_NAME: Final = "bip"
CATEGORY: Final = "bridge"
DEFAULT_NAMESPACE: Final = "default"

ROUTER_PORT: Final = 5104
POD_PORT: Final = 8080
METRICS_PORT: Final = 9090

# Headers that leave the system.
REQUEST_ID: Final = "x-request-id"
INSTANCE: Final = "x-bridge-instance"
ATTEMPTS: Final = "x-bridge-attempts"
QUEUE_SECONDS: Final = "x-bridge-queue-seconds"
AFFINITY: Final = "x-bridge-affinity"
SLOTS: Final = "x-bridge-slots"
IGNORED: Final = "x-bridge-ignored"
SHOULD_RETRY: Final = "x-should-retry"
RETRY_AFTER: Final = "retry-after"

# Headers from router to pod.
KEY_ID: Final = "x-bridge-key-id"
LEASE: Final = "x-bridge-lease"

# Labels and annotations of a pool's objects.
APP: Final = "lmarena-bridge"
POOL_LABEL: Final = f"{GROUP}/pool"
POOL_UID_LABEL: Final = f"{GROUP}/pool-uid"
"""Tells the pods of a pool from those of an earlier one of its name, and says whose token they answer to."""

PROFILE_LABEL: Final = f"{GROUP}/profile"
TEMPLATE_HASH_LABEL: Final = f"{GROUP}/template-hash"
BUSY_LABEL: Final = f"{GROUP}/busy"
INTENT: Final = f"{GROUP}/intent"
"""Annotation: the digest of what the operator wants an object to be."""

FAILED: Final = f"{GROUP}/failed"
"""Annotation of a Deployment: its revision has not become ready in time."""

COMPLETE: Final = f"{GROUP}/complete"
"""Annotation of a Deployment: its revision has been rolled out, so what fails later is not the rollout."""

DELETION_COST: Final = "controller.kubernetes.io/pod-deletion-cost"
SAFE_TO_EVICT: Final = "cluster-autoscaler.kubernetes.io/safe-to-evict"

HTTP_PORT_NAME: Final = "http"
METRICS_PORT_NAME: Final = "metrics"
TOKEN_KEY: Final = "token"  # noqa: S105 - what it is called
"""The key of a pool's token in its Secret."""

POOL_FILE_KEY: Final = "pool.yaml"
"""The key of the pool file in a revision's ConfigMap."""
