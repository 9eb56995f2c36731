"""What a cluster cannot do of a pool that is sound by itself, and how a raw custom resource becomes a pool."""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from bridge_api import names
from bridge_api.later import unsupported_choices
from bridge_api.pool import BridgeInstancePool
from bridge_api.sites import ADAPTERS
from bridge_api.spec import PoolSpec
from bridge_api.spec.browser import BrowserMode, TemplateSpec
from bridge_api.spec.site import ProfileSpec
from bridge_operator.resources.container import own_environment
from bridge_operator.resources.objects import INSTANCE_LABEL, STANDARD_LABELS, Object

_OWN_PREFIX = f"{names.GROUP}/"
_OWN_KEYS = frozenset({*STANDARD_LABELS, INSTANCE_LABEL, names.SAFE_TO_EVICT, names.DELETION_COST})


def read_pool(raw: Object) -> BridgeInstancePool | str:
    """Read a pool as the API server has it; a text says what is wrong with it (reason `InvalidSettings`)."""
    try:
        pool = BridgeInstancePool.model_validate({**raw, "status": None})
    except ValidationError as invalid:
        return _told(_mistakes(invalid))
    return _told(why_refused(pool.spec)) or pool


def why_refused(spec: PoolSpec) -> Iterator[str]:
    """Say of each setting that cannot be carried out in a cluster what would be right."""
    for path, message in unsupported_choices(spec):
        yield f"{path}: {message}"
    yield from _site_settings(spec)
    if spec.browser.mode is BrowserMode.HEADED:
        yield "spec.browser.mode: headed shows windows, and a pod has no screen; take shell or headless"
    yield from _own_names(spec.template)


def _site_settings(spec: PoolSpec) -> Iterator[str]:
    adapter = ADAPTERS.get(spec.site.adapter)
    if adapter is None:
        return
    try:
        adapter.settings.model_validate(spec.site.settings)
    except ValidationError as invalid:
        yield from _mistakes(invalid, "spec.site.settings")


def _own_names(template: TemplateSpec) -> Iterator[str]:
    for field, entries in (("labels", template.labels), ("annotations", template.annotations)):
        for key in entries or {}:
            if key in _OWN_KEYS or key.startswith(_OWN_PREFIX):
                yield f"spec.template.{field}: {key} belongs to the operator; leave it out"
    every = own_environment(ProfileSpec(name="any", proxy_secret="any"))  # noqa: S106 - none
    own = {variable["name"] for variable in every}
    for variable in template.env or []:
        if variable.get("name") in own:
            yield f"spec.template.env: {variable['name']} belongs to the operator; leave it out"


def _mistakes(invalid: ValidationError, prefix: str = "") -> Iterator[str]:
    for error in invalid.errors(include_url=False, include_input=False):
        path = ".".join([*([prefix] if prefix else []), *map(str, error["loc"])])
        yield f"{path}: {error['msg']}"


def _told(mistakes: Iterable[str]) -> str:
    return "; ".join(mistakes)
