"""The pod of an instance: restricted, with its pool, its token and its proxy mounted, and with time to finish its chats."""

from bridge_api.pool import BridgeInstancePool
from bridge_api.spec import PoolSpec
from bridge_api.spec.browser import Sandbox
from bridge_api.spec.site import ProfileSpec
from bridge_operator.resources.container import make_container
from bridge_operator.resources.names import base_name
from bridge_operator.resources.objects import Object, pool_selector
from bridge_operator.resources.settings import RUNTIME_DEFAULT, ClusterSettings

USER = 10001
"""As in the image."""

GRACE_BEYOND_DRAIN_SECONDS = 60
"""For closing the browser, and for what is slow about a node."""

READABLE_BY_US = 0o440


def make_pod_spec(
    pool: BridgeInstancePool, profile: ProfileSpec | None, settings: ClusterSettings, *, config_map: str
) -> Object:
    spec = pool.spec
    return {
        "serviceAccountName": base_name(pool),
        "automountServiceAccountToken": False,
        # A Service called `bridge` would otherwise put BRIDGE_PORT=tcp://... into the environment.
        "enableServiceLinks": False,
        "securityContext": _security(spec, settings),
        "terminationGracePeriodSeconds": spec.drain.timeout_seconds + GRACE_BEYOND_DRAIN_SECONDS,
        "containers": [make_container(spec, profile, settings)],
        "volumes": _volumes(pool, profile, config_map),
        **_placement(pool),
        **_pull_secrets(spec, settings),
    }


def _security(spec: PoolSpec, settings: ClusterSettings) -> Object:
    return {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "seccompProfile": _seccomp(spec, settings),
    }


def _seccomp(spec: PoolSpec, settings: ClusterSettings) -> Object:
    """Allow user namespaces only where the browser is to have its sandbox."""
    if spec.browser.sandbox is Sandbox.DISABLED or settings.seccomp_profile == RUNTIME_DEFAULT:
        return {"type": RUNTIME_DEFAULT}
    return {"type": "Localhost", "localhostProfile": settings.seccomp_profile}


def _volumes(pool: BridgeInstancePool, profile: ProfileSpec | None, config_map: str) -> list[Object]:
    token = {"secretName": base_name(pool), "defaultMode": READABLE_BY_US}
    volumes: list[Object] = [
        {"name": "pool", "configMap": {"name": config_map}},
        {"name": "token", "secret": token},
        {"name": "tmp", "emptyDir": {}},
    ]
    if profile is not None and profile.proxy_secret is not None:
        # Optional, so that the pod starts and says itself what is missing.
        proxy = {"secretName": profile.proxy_secret, "defaultMode": READABLE_BY_US, "optional": True}
        volumes.append({"name": "proxy", "secret": proxy})
    return volumes


def _placement(pool: BridgeInstancePool) -> Object:
    template = pool.spec.template
    wanted = {
        "nodeSelector": template.node_selector,
        "tolerations": template.tolerations,
        "affinity": template.affinity,
        "topologySpreadConstraints": template.topology_spread_constraints or [_spread(pool)],
        "priorityClassName": template.priority_class_name,
        "runtimeClassName": template.runtime_class_name,
    }
    return {name: value for name, value in wanted.items() if value}


def _spread(pool: BridgeInstancePool) -> Object:
    """Prefer different nodes, so that one node takes few chats with it; rather together than not at all."""
    return {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": pool_selector(pool)},
    }


def _pull_secrets(spec: PoolSpec, settings: ClusterSettings) -> Object:
    secrets = [{"name": name} for name in settings.image_pull_secrets]
    secrets += [one for one in spec.template.image_pull_secrets or [] if one not in secrets]
    return {"imagePullSecrets": secrets} if secrets else {}
