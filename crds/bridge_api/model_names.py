"""Which model a request means: prefixes, aliases, defaults and the pool's choice of the site's models."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from bridge_api.spec.pool import ModelsSpec


def offered(models: ModelsSpec, site_models: Iterable[str]) -> list[str]:
    """List the names a pool offers: the site's that match `include`, and the aliases that lead to one of them."""
    included = [name for name in site_models if any(fnmatchcase(name, pattern) for pattern in models.include)]
    known = set(included)
    return included + [
        alias for alias, name in models.aliases.items() if name in known and alias not in known
    ]


def without_pool(requested: str, pool_key: str) -> str:
    """Take the pool off a name such as `pool/model`, or `namespace/pool/model` where several pools have one name."""
    _, _, pool_name = pool_key.partition("/")
    whole = requested.removeprefix(f"{pool_key}/")
    return whole if whole != requested else requested.removeprefix(f"{pool_name}/")


def names_pool(requested: str, pool_key: str) -> bool:
    """Tell whether a requested name begins with this pool."""
    return without_pool(requested, pool_key) != requested


def site_name(models: ModelsSpec, requested: str | None, pool_key: str) -> str | None:
    """Return the site's name for a requested one, or None where nothing is requested and there is no default.

    The pool may stand before it (`without_pool`); an alias stands for the name it leads to.
    """
    name = requested or models.default
    if name is None:
        return None
    name = without_pool(name, pool_key)
    return models.aliases.get(name, name)
