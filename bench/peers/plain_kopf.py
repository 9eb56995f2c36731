"""An operator as kopf's documentation shows them: `python -m bench.peers.plain_kopf`.

Handlers of creation, update and resumption apply the children; kopf detects changes, retries, and writes down how far it is.
The objects, the client and what is applied at once are the bridge's own, so that only the way of operating differs.
"""

import argparse
import asyncio
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import kopf

from bridge_api.names import GROUP, PLURAL, POOL_LABEL, VERSION
from bridge_api.pool import BridgeInstancePool
from bridge_operator.cluster.children import KINDS
from bridge_operator.resources.children import make_children
from bridge_operator.resources.config_map import make_config_map
from bridge_operator.resources.deployment import make_deployment
from bridge_operator.resources.refused import read_pool
from bridge_operator.resources.revision import current_revisions
from bridge_operator.resources.settings import ClusterSettings
from bridge_runtime.kube import KubeError, Object
from bridge_runtime.kube.client import KubeApi, connected
from bridge_runtime.tokens import pool_token

MANAGER: Final = "plain-kopf"
SETTINGS: Final = ClusterSettings(image="lmarena-bridge/browser-pod:latest")
AT_A_TIME: Final = 8
"""As many pools as ours looks at. Without a bound 300 pools at once are 1,800 requests at once: most are refused, all of
those are tried again at one moment, and after five minutes some children are still missing."""

AGAIN_SECONDS: Final = 1.0
"""kopf's own default is a minute."""

EVERYTHING_KNOWN: Final = "everything is known"

Uids = set[str]


class Peer:
    def __init__(self, api: KubeApi, pools: int, pods: int) -> None:
        self._api = api
        self._expected = (pools, pods)
        self._pools: dict[str, BridgeInstancePool] = {}
        self._pods: dict[str, Mapping[str, Any]] = {}
        self._turns = asyncio.Semaphore(AT_A_TIME)

    async def have_children(self, body: kopf.Body) -> None:
        pool = read_pool(dict(body))
        if isinstance(pool, str):
            raise kopf.PermanentError(pool)
        try:
            await self._apply(pool)
        except KubeError as failed:
            raise kopf.TemporaryError(str(failed), delay=AGAIN_SECONDS) from failed
        self._pools[pool.metadata.name] = pool
        self.say_when_everything_is_known()

    async def child_changed(self, event: Any, labels: Mapping[str, str]) -> None:
        """Make a Deployment again that somebody has deleted."""
        if event["type"] == "DELETED" and (pool := self._pools.get(labels[POOL_LABEL])):
            await self._apply(pool)

    def pod_changed(self, event: Any, uid: str, status: Mapping[str, Any]) -> None:
        if event["type"] == "DELETED":
            self._pods.pop(uid, None)
        else:
            self._pods[uid] = dict(status)
        self.say_when_everything_is_known()

    async def _apply(self, pool: BridgeInstancePool) -> None:
        (revision,) = current_revisions(pool, SETTINGS)
        token = pool_token("a-master-token", pool.metadata.uid)
        first = [*make_children(pool, SETTINGS, token), make_config_map(revision)]
        replicas = pool.spec.replicas or pool.spec.autoscaling.min_instances
        async with self._turns:
            await asyncio.gather(*(self._have(one) for one in first))
            await self._have(make_deployment(revision, SETTINGS, replicas=replicas, paused=False))

    async def _have(self, intent: Object) -> None:
        await self._api.apply(KINDS[intent["kind"]], intent, manager=MANAGER)

    def say_when_everything_is_known(self) -> None:
        if (len(self._pools), len(self._pods)) == self._expected:
            print(EVERYTHING_KNOWN, flush=True)


def make_registry(peer: Peer) -> kopf.OperatorRegistry:
    registry = kopf.OperatorRegistry()

    @kopf.on.resume(GROUP, VERSION, PLURAL, registry=registry)
    @kopf.on.create(GROUP, VERSION, PLURAL, registry=registry)
    @kopf.on.update(GROUP, VERSION, PLURAL, registry=registry)
    async def pool_changed(body: kopf.Body, **_: Any) -> None:
        await peer.have_children(body)

    @kopf.on.event("apps", "v1", "deployments", labels={POOL_LABEL: kopf.PRESENT}, registry=registry)
    async def deployment_changed(event: Any, labels: kopf.Labels, **_: Any) -> None:
        await peer.child_changed(event, labels)

    @kopf.on.event("", "v1", "pods", labels={POOL_LABEL: kopf.PRESENT}, registry=registry)
    async def pod_changed(event: Any, uid: str, status: kopf.Status, **_: Any) -> None:
        peer.pod_changed(event, uid, status)

    @kopf.on.startup(registry=registry)
    async def started(**_: Any) -> None:
        peer.say_when_everything_is_known()

    @kopf.on.login(registry=registry)
    async def login(**kwargs: Any) -> kopf.ConnectionInfo | None:
        return kopf.login_with_kubeconfig(**kwargs)

    return registry


async def main(asked: argparse.Namespace) -> None:
    os.environ["KUBECONFIG"] = str(asked.kubeconfig)
    async with connected(asked.kubeconfig, user_agent=MANAGER) as api:
        peer = Peer(api, asked.pools, asked.pods)
        await kopf.operator(registry=make_registry(peer), standalone=True, namespaces=[asked.namespace])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--pools", type=int, default=0, help="how many there are already")
    parser.add_argument("--pods", type=int, default=0, help="how many there are already")
    kopf.configure(log_format=kopf.LogFormat.PLAIN)
    logging.getLogger("kopf").setLevel(logging.INFO)
    asyncio.run(main(parser.parse_args()))
