"""A revision: instances that are alike, of one profile of a pool, with its template fields as they were at one time."""

from dataclasses import dataclass

from bridge_api import names
from bridge_api.manifest import read_manifest
from bridge_api.pool import BridgeInstancePool, edited_live, template_hash
from bridge_api.spec.site import ProfileSpec
from bridge_operator.resources.names import revision_name
from bridge_operator.resources.objects import Object, digest_of
from bridge_operator.resources.pod import make_pod_spec
from bridge_operator.resources.settings import ClusterSettings

HASH_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Revision:
    pool: BridgeInstancePool
    """As these instances have it."""

    profile: str
    """Empty: the pool has none."""

    template_hash: str

    @property
    def name(self) -> str:
        """The name of its Deployment and its ConfigMap."""
        return revision_name(self.pool, self.profile, self.template_hash)


def current_revisions(pool: BridgeInstancePool, settings: ClusterSettings) -> list[Revision]:
    """List what a pool's new instances are to be: one revision for each profile."""
    profiles = [profile.name for profile in pool.spec.profiles] or [""]
    return [Revision(pool, profile, revision_hash(pool, profile, settings)) for profile in profiles]


def revision_hash(pool: BridgeInstancePool, profile: str, settings: ClusterSettings) -> str:
    """Hash what needs a new pod when it changes: the pool's template fields, and whatever else makes the pod another one.

    A pod cannot change its image or its grace: the operator's settings and `drain.timeoutSeconds` count too.
    """
    pod = make_pod_spec(pool, _profile(pool, profile), settings, config_map="")
    return digest_of([template_hash(pool.spec, profile), pod])[:HASH_LENGTH]


def earlier_revision(pool: BridgeInstancePool, config_map: Object) -> Revision | None:
    """Read an earlier revision from its ConfigMap: its template fields, and everything else as the pool has it now.

    None: there is no sound pool in it. Somebody has changed it, or an operator wrote it that knew more fields.
    """
    manifest = read_manifest((config_map.get("data") or {}).get(names.POOL_FILE_KEY, ""))
    if len(manifest.pools) != 1 or manifest.mistakes:
        return None
    spec = edited_live(manifest.pools[0].spec, pool.spec)
    labels = config_map["metadata"].get("labels", {})
    return Revision(
        pool.model_copy(update={"spec": spec}),
        labels.get(names.PROFILE_LABEL, ""),
        labels.get(names.TEMPLATE_HASH_LABEL, ""),
    )


def profile_of(revision: Revision) -> ProfileSpec | None:
    return _profile(revision.pool, revision.profile)


def _profile(pool: BridgeInstancePool, name: str) -> ProfileSpec | None:
    return next((one for one in pool.spec.profiles if one.name == name), None)
