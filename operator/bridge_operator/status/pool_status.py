"""The status of a pool, as it is applied to `/status`."""

from collections.abc import Iterable, Mapping
from typing import Any

from bridge_api import names
from bridge_api.spec import PoolSpec
from bridge_api.status import PoolStatus
from bridge_operator.status.conditions import Condition, judge
from bridge_operator.status.facts import PoolFacts

Object = dict[str, Any]

LONGEST_MESSAGE = 2000


def make_status(raw: Mapping[str, Any], spec: PoolSpec | None, facts: PoolFacts, now: str) -> Object:
    """Make the whole status of a pool.

    Args:
        raw: The pool as the API server has it; times of conditions that still hold are taken from its status.
        spec: What it says; None: it cannot be read, and `facts.refused` says why.
        facts: What was seen.
        now: The time as RFC 3339 has it, in whole seconds.
    """
    metadata = raw["metadata"]
    generation = metadata.get("generation", 0)
    before = {one["type"]: one for one in raw.get("status", {}).get("conditions", [])}
    return {
        "observedGeneration": generation,
        "replicas": facts.replicas,
        "readyInstances": facts.ready,
        "desiredInstances": facts.wanted,
        "selector": _selector(metadata),
        "templateHash": facts.template_hash,
        "models": sorted(facts.models),
        "conditions": [
            _written(condition, before.get(condition.type.value), generation, now)
            for condition in judge(spec, facts)
        ],
    }


def same_status(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two statuses say the same, whatever an API server has filled in or left out."""
    return _normal(one) == _normal(other)


def _selector(metadata: Mapping[str, Any]) -> str:
    labels = {names.POOL_LABEL: metadata["name"], names.POOL_UID_LABEL: metadata["uid"]}
    return ",".join(f"{label}={value}" for label, value in labels.items())


def _written(condition: Condition, before: Mapping[str, Any] | None, generation: int, now: str) -> Object:
    status, reason, message = condition.verdict
    unchanged = before is not None and before["status"] == status
    return {
        "type": condition.type.value,
        "status": status,
        "reason": reason,
        "message": message[:LONGEST_MESSAGE],
        "lastTransitionTime": before["lastTransitionTime"] if before is not None and unchanged else now,
        "observedGeneration": generation,
    }


def _normal(status: Mapping[str, Any]) -> tuple[Object, list[Any]]:
    read = PoolStatus.model_validate(status).model_dump()
    conditions: Iterable[Any] = read.pop("conditions")
    return read, sorted(conditions, key=lambda one: str(one["type"]))
