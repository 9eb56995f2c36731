"""Kubernetes and our models take the same pools, refuse the same, and fill in the same defaults."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from bridge_api.pool import BridgeInstancePool
from tests.support.cluster.api import Api, ApiError
from tests.support.cluster.crd import pools_path
from tests.support.cluster.generated_specs import (
    POOL_NAMES,
    SITE,
    doubtful_values,
    fields,
    make_pool,
    pools,
    with_value,
)

Pool = dict[str, Any]

REFUSALS = (400, 422)


async def as_kubernetes_takes_it(api: Api, pool: Pool) -> Pool | str:
    """Return the spec with its defaults, or why it is refused."""
    try:
        taken = await api.create(pools_path("default"), pool, dryRun="All", fieldValidation="Strict")
    except ApiError as error:
        if error.status not in REFUSALS:
            raise
        return str(error)
    spec: Pool = taken["spec"]
    return spec


def as_our_models_take_it(pool: Pool) -> Pool | str:
    try:
        taken = BridgeInstancePool.model_validate(pool)
    except ValidationError as error:
        return str(error)
    return taken.spec.model_dump(mode="json", by_alias=True, exclude_none=True)


async def disagreement(api: Api, pool: Pool) -> str:
    """Say what the two make of a pool where that is not the same; empty: it is."""
    theirs, ours = await as_kubernetes_takes_it(api, pool), as_our_models_take_it(pool)
    both_refuse = isinstance(theirs, str) and isinstance(ours, str)
    return "" if both_refuse or theirs == ours else f"{pool}\n  Kubernetes: {theirs}\n  ours: {ours}"


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,  # the same pools for everybody: who changes the schema is to find what disagrees
    # The API server is the same for all examples, and none of them writes anything.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pool=pools())
async def test_generated_pools_get_the_same_verdict_and_the_same_defaults(api: Api, pool: Pool) -> None:
    assert not await disagreement(api, pool)


@pytest.mark.parametrize("field", [path[0] for path, _ in fields() if len(path) == 1])
async def test_every_doubtful_value_of_a_field_gets_the_same_verdict(api: Api, field: str) -> None:
    doubtful = [
        make_pool(with_value({"site": SITE}, path, value))
        for path, schema in fields()
        if path[0] == field
        for value in doubtful_values(path, schema)
    ]
    found = await asyncio.gather(*(disagreement(api, pool) for pool in doubtful))

    assert [one for one in found if one] == []


@pytest.mark.parametrize("name", POOL_NAMES)
async def test_names_get_the_same_verdict(api: Api, name: str) -> None:
    assert not await disagreement(api, make_pool({"site": SITE}, name))
