"""Which pool a request is for: of those that offer its model the one that holds the conversation, else the freest."""

from collections.abc import Callable, Iterable, Iterator

from bridge_api.errors import ErrorKind
from bridge_api.model_names import names_pool, without_pool
from bridge_router.core.outlook import Denial
from bridge_router.core.pool import Pool, unknown_model


def choose_pool(
    requested: str | None, pools: Iterable[Pool], holds: Callable[[Pool], bool] = lambda _: False
) -> Pool | Denial:
    """Choose the pool that a request waits in; where only a pool without a list is left, it waits for that list."""
    known = list(pools)
    if not known:
        return Denial(ErrorKind.NO_INSTANCE, "There is no pool yet; `bridge get pools` shows them.", 5.0)
    if requested is None:
        return _default_pool(known)
    offering = [pool for pool in known if pool.offer.has(requested)]
    if not offering:
        offering = _without_a_list(requested, known)
    if not offering:
        return unknown_model(requested)
    return _freest([pool for pool in offering if holds(pool)] or offering)


def listed_models(pools: Iterable[Pool]) -> Iterator[tuple[str, str]]:
    """Yield each offered name once, with the organization that made the model."""
    seen = set()
    for pool in pools:
        for name in pool.offer.names:
            if name not in seen:
                seen.add(name)
                yield name, pool.offer.organization(name)


def organization_of(name: str, pools: Iterable[Pool]) -> str | None:
    """Return who made a model that some pool offers (with the pool before it too), or None where no pool does."""
    for pool in pools:
        if pool.offer.has(name):
            return pool.offer.organization(without_pool(name, pool.key))
    return None


def _default_pool(pools: list[Pool]) -> Pool | Denial:
    with_default = [pool for pool in pools if pool.offer.default is not None]
    if len(with_default) == 1:
        return with_default[0]
    if not with_default:
        message = "Name a model: no pool has a default one (models.default). `bridge models` lists them."
    else:
        names = ", ".join(pool.key for pool in with_default)
        message = f"Name a model: several pools have a default one ({names})."
    return Denial(ErrorKind.BAD_REQUEST, message)


def _without_a_list(requested: str, pools: list[Pool]) -> list[Pool]:
    """Find the pools that may offer the model as soon as an instance has shown the site's list."""
    unlisted = [pool for pool in pools if not pool.offer.listed]
    named = [pool for pool in unlisted if names_pool(requested, pool.key)]
    return named or unlisted


def _freest(pools: list[Pool]) -> Pool:
    return max(pools, key=lambda pool: (pool.free_slots, -len(pool.waiting)))
