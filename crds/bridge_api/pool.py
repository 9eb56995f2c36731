"""The custom resource: metadata, spec and status together."""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from bridge_api.base import CelRule, SpecModel
from bridge_api.names import DEFAULT_NAMESPACE
from bridge_api.spec.pool import PoolSpec
from bridge_api.status import PoolStatus

MAX_NAME_LENGTH = 40
"""Characters: the names of children (pool, profile, hash) must still fit into a label's 63."""


NAME_RULES = (
    CelRule(
        f"self.metadata.name.size() <= {MAX_NAME_LENGTH}",
        f"the name must have at most {MAX_NAME_LENGTH} characters",
    ),
    CelRule("!self.metadata.name.contains('.')", "the name must have no dots: instances are named after it"),
)
"""What `Metadata` asks beyond what Kubernetes asks of every name."""


class Metadata(BaseModel):
    """The part of `metav1.ObjectMeta` that we read; Kubernetes checks the rest."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow", frozen=True)

    name: Annotated[
        str, Field(min_length=1, max_length=MAX_NAME_LENGTH, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
    ]
    namespace: str = DEFAULT_NAMESPACE
    uid: str = ""
    generation: int | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class BridgeInstancePool(SpecModel):
    """A site, a mode, so many instances, scaled like so, balanced like so."""

    api_version: Literal["lmarenabridge.dev/v1alpha1"] = "lmarenabridge.dev/v1alpha1"
    kind: Literal["BridgeInstancePool"] = "BridgeInstancePool"
    metadata: Metadata
    spec: PoolSpec
    status: PoolStatus | None = None

    @property
    def key(self) -> str:
        """`namespace/name`: what a pool is called between the parts."""
        return f"{self.metadata.namespace}/{self.metadata.name}"


TEMPLATE_FIELDS = frozenset({"image", "template", "browser", "site", "slots", "profiles"})
"""What an instance is started with: it takes a new one to change it. Everything else reaches running instances."""


def template_hash(spec: PoolSpec, profile: str = "") -> str:
    """Hash what needs a new instance of this profile when it changes; other profiles do not concern it."""
    covered = spec.model_dump(mode="json", by_alias=True, include=set(TEMPLATE_FIELDS - {"profiles"}))
    own = next((one for one in spec.profiles if one.name == profile), None)
    covered["profile"] = own and own.model_dump(mode="json", by_alias=True, exclude={"max_instances"})
    canonical = json.dumps(covered, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:10]


def edited_live(running: PoolSpec, edited: PoolSpec) -> PoolSpec:
    """Return what a running instance makes of an edit: all of it, but for what needs a new instance."""
    return edited.model_copy(update={name: getattr(running, name) for name in TEMPLATE_FIELDS})
