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
