"""The operator's knowledge: a child is found by the pool that its label names, and by no other."""

import random
import time
from types import SimpleNamespace
from typing import Any, cast

from bridge_api.names import POOL_LABEL
from bridge_operator.cluster.store import Store
from bridge_runtime.kube import Change, Key, Object, Resource
from bridge_runtime.kube.client import KubeApi
from bridge_runtime.kube.resource import SERVICES

SERVICE = Key("ns", "web")


def service(pool: str) -> Object:
    return {"metadata": {"namespace": "ns", "name": "web", "labels": {POOL_LABEL: pool}}}


def known_store() -> tuple[Store, list[Key]]:
    told: list[Key] = []

    def changed(_resource: Resource, pool: Key, _change: Change) -> None:
        told.append(pool)

    no_api = cast("KubeApi", SimpleNamespace())
    return Store(no_api, ("ns",), changed, clock=time.monotonic, random=random.random), told


def see(store: Store, before: Object | None, after: Object | None) -> None:
    informer: Any = next(one for one in store.informers if one.resource is SERVICES)
    informer.changed(Change(SERVICE, before, after))


def test_a_child_that_is_labelled_as_another_pools_is_no_longer_the_first_ones() -> None:
    store, told = known_store()
    see(store, None, service("demo"))
    see(store, service("demo"), service("other"))

    assert store.child(SERVICES, Key("ns", "demo"), "web") is None
    assert store.child(SERVICES, Key("ns", "other"), "web") == service("other")
    assert told == [Key("ns", "demo"), Key("ns", "demo"), Key("ns", "other")]


def test_a_child_that_is_gone_is_known_no_longer() -> None:
    store, told = known_store()
    see(store, None, service("demo"))
    see(store, service("demo"), None)

    assert store.child(SERVICES, Key("ns", "demo"), "web") is None
    assert store.known_pools() == set(), "nothing is kept of a pool that is gone"
    assert told == [Key("ns", "demo"), Key("ns", "demo")]
