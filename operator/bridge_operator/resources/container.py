"""The one container of a browser pod: what it runs, what it is told, and how Kubernetes looks after it."""

from bridge_api import names
from bridge_api.spec import PoolSpec
from bridge_api.spec.site import ProfileSpec
from bridge_operator.resources.objects import Object
from bridge_operator.resources.settings import ClusterSettings
from bridge_operator.resources.sizes import default_resources

CONTAINER = "browser"
POOL_DIR = "/etc/bridge/pool"
TOKEN_DIR = "/etc/bridge/token"  # noqa: S105 - where it is, not what it is
PROXY_DIR = "/etc/bridge/proxy"

START_SECONDS = 300
"""A start that takes longer than this hangs; a browser that does not start at all has said so long before."""

HUNG_SECONDS = 30
"""For an instance that a probe has given up on: it hears nothing, so the pod's long grace for chats would only keep it."""


def make_container(spec: PoolSpec, profile: ProfileSpec | None, settings: ClusterSettings) -> Object:
    return {
        "name": CONTAINER,
        "image": spec.image or settings.image,
        "imagePullPolicy": settings.image_pull_policy,
        # Arguments, not a command: the image's entry point is an init that reaps what Chromium leaves.
        "args": ["python", "-m", "bridge_browser"],
        "env": [*own_environment(profile), *(spec.template.env or [])],
        "ports": [
            {"name": names.HTTP_PORT_NAME, "containerPort": names.POD_PORT, "protocol": "TCP"},
            {"name": names.METRICS_PORT_NAME, "containerPort": names.METRICS_PORT, "protocol": "TCP"},
        ],
        "resources": spec.template.resources or default_resources(spec),
        "volumeMounts": _mounts(profile),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "lifecycle": {"preStop": {"exec": {"command": _drain(spec)}}},
        # Its last words are then the reason that a person reads in the pool's status.
        "terminationMessagePolicy": "FallbackToLogsOnError",
        **_probes(),
    }


def own_environment(profile: ProfileSpec | None) -> list[Object]:
    """List the variables that are the operator's; ports too, because probes and Service count on them."""
    told = {
        "BRIDGE_HOST": "0.0.0.0",
        "BRIDGE_PORT": str(names.POD_PORT),
        "BRIDGE_METRICS_PORT": str(names.METRICS_PORT),
        "BRIDGE_POOL_FILE": f"{POOL_DIR}/{names.POOL_FILE_KEY}",
        "BRIDGE_TOKEN_FILE": f"{TOKEN_DIR}/{names.TOKEN_KEY}",
    }
    if profile is not None:
        told["BRIDGE_PROFILE"] = profile.name
        if profile.proxy_secret is not None:
            told["BRIDGE_PROXY_DIR"] = PROXY_DIR
    instance = {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}
    return [
        {"name": "BRIDGE_INSTANCE", "valueFrom": instance},
        *({"name": name, "value": value} for name, value in told.items()),
    ]


def _mounts(profile: ProfileSpec | None) -> list[Object]:
    mounts: list[Object] = [
        {"name": "pool", "mountPath": POOL_DIR, "readOnly": True},
        {"name": "token", "mountPath": TOKEN_DIR, "readOnly": True},
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - the pod's own
    ]
    if profile is not None and profile.proxy_secret is not None:
        mounts.append({"name": "proxy", "mountPath": PROXY_DIR, "readOnly": True})
    return mounts


def _drain(spec: PoolSpec) -> list[str]:
    return ["python", "-m", "bridge_browser.drain", str(spec.drain.timeout_seconds)]


def _probes() -> Object:
    return {
        "startupProbe": _ending_probe("/startupz", every=1, failures=START_SECONDS),
        "readinessProbe": _probe("/readyz", every=2, failures=2),
        # Slow to judge: it ends every chat of the instance, and a busy machine is no reason for that.
        "livenessProbe": _ending_probe("/healthz", every=10, failures=3),
    }


def _ending_probe(path: str, *, every: int, failures: int) -> Object:
    return {**_probe(path, every=every, failures=failures), "terminationGracePeriodSeconds": HUNG_SECONDS}


def _probe(path: str, *, every: int, failures: int) -> Object:
    return {
        "httpGet": {"path": path, "port": names.METRICS_PORT_NAME, "scheme": "HTTP"},
        "periodSeconds": every,
        "timeoutSeconds": min(5, every + 1),
        "failureThreshold": failures,
    }
