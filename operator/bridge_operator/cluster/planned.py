"""The instances of a pool as the plan sees them: pods that are there, and those that Kubernetes has still to make."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bridge_api.pool import BridgeInstancePool
from bridge_operator.cluster.observe import Observed, ObservedPod
from bridge_operator.plan import ObservedInstance
from bridge_operator.plan.revisions import failing_since

FOR_EVER = float("inf")
SITE_FAULTS = frozenset({"SiteUnreachable"})
"""Troubles that another revision would have as well."""


def instances_of(
    pool: BridgeInstancePool, observed: Observed, failing: Mapping[str, float], now: float
) -> list[ObservedInstance]:
    """List the instances for the plan: every pod, and those that Kubernetes has still to make.

    `failing` says of each Deployment since when it has lacked an instance by its own fault, as of the look before: not of
    each pod, because a pod that is evicted and made anew is no progress, nor is one that cannot be made.
    """
    found = [_instance(pool, pod, drained=True) for pod in observed.pods if pod.terminating]
    going = observed.going()
    for revision in observed.revisions:
        pods = observed.pods_of(revision)
        first = tuple(pod.name for pod in pods if _goes_first(pod) and pod.name not in going)
        own = [
            replace(_instance(pool, pod, drained=pod.name in going), held_by=first if pod.ready else ())
            for pod in pods
        ]
        own += [
            ObservedInstance(
                name=f"{revision.name}/{number}",
                pool=pool.key,
                template_hash=revision.template_hash,
                profile=revision.profile,
                started_at=now,
            )
            for number in range(len(pods), revision.replicas)
        ]
        found += [_failing(one, failing.get(revision.name), now) for one in own]
    return found


def _goes_first(pod: ObservedPod) -> bool:
    """Tell whether its ReplicaSet takes it before any that is ready, and that may last: its site or a person decides."""
    return not pod.ready and pod.heard is not None and pod.heard.blocked


def failing_revisions(observed: Observed, instances: Iterable[ObservedInstance]) -> dict[str, float]:
    """Say of each Deployment that lacks an instance since when, for the next look."""
    since = {
        (one.profile, one.template_hash): one.failing_since
        for one in instances
        if one.failing_since is not None
    }
    keys = {one.name: (one.profile, one.template_hash) for one in observed.revisions}
    return {name: since[key] for name, key in keys.items() if key in since}


def _instance(pool: BridgeInstancePool, pod: ObservedPod, *, drained: bool) -> ObservedInstance:
    heard = pod.heard
    return ObservedInstance(
        name=pod.name,
        pool=pool.key,
        template_hash=pod.template_hash,
        profile=pod.profile,
        started_at=pod.created_at,
        ready=pod.serves,
        busy_slots=pod.busy_slots,
        blocked=heard is not None and heard.blocked,
        site_fault=heard is not None and any(one.reason in SITE_FAULTS for one in heard.troubles),
        ready_since=pod.changed_at if pod.serves else None,
        drain_until=FOR_EVER if drained else None,
        cordon_until=heard.cordon_until if heard is not None else None,
        asked_until=pod.asked_until,
    )


def _failing(one: ObservedInstance, before: float | None, now: float) -> ObservedInstance:
    return replace(one, failing_since=failing_since(before, one, now))
