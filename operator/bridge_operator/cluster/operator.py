"""The operator's parts and what wakes which: watches, pods and routers put keys on the queue, the leader works them off."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import aiohttp

from bridge_api.names import POOL_UID_LABEL
from bridge_api.pool import BridgeInstancePool
from bridge_operator.cluster.children import Children
from bridge_operator.cluster.departures import Departures
from bridge_operator.cluster.elector import Elector
from bridge_operator.cluster.feeds import Feeds
from bridge_operator.cluster.instances import Instances
from bridge_operator.cluster.kills import Kills
from bridge_operator.cluster.load_news import LoadNews
from bridge_operator.cluster.metrics import Metrics
from bridge_operator.cluster.queue import WorkQueue
from bridge_operator.cluster.reconciler import Reconciler
from bridge_operator.cluster.recorder import Recorder
from bridge_operator.cluster.reporter import Reporter
from bridge_operator.cluster.store import Store
from bridge_operator.cluster.writer import Writer
from bridge_operator.load_feed import LoadFeed
from bridge_operator.resources.settings import ClusterSettings
from bridge_runtime.kube import Change, Informer, Key, Object, Resource
from bridge_runtime.kube.client import KubeApi
from bridge_runtime.kube.resource import PODS
from bridge_runtime.tokens import load_token, pool_token

WORKERS = 8
"""Pools at a time: a look waits for the API server most of its time."""

PODS_FOLLOWED_A_SECOND = 2000
"""After a start. A pod that is not heard yet counts as busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the operator acts upon."""

    api: KubeApi
    session: aiohttp.ClientSession
    elector: Elector
    metrics: Metrics
    master_token: str
    namespace: str
    namespaces: Sequence[str]
    router_service: str
    cluster: ClusterSettings
    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    random: Callable[[], float]


class Operator:
    def __init__(self, world: World) -> None:
        self._world = world
        clock, rng = world.clock, world.random
        self._store = Store(world.api, world.namespaces, self._changed, clock=clock, random=rng)
        self._queue: WorkQueue[Key] = WorkQueue(self._look, workers=WORKERS, clock=clock, random=rng)
        self._instances = Instances(
            session=world.session,
            epoch=lambda: world.elector.epoch,
            clock=clock,
            random=rng,
            changed=self._queue.add,
        )
        self._feeds = Feeds(
            session=world.session,
            token=load_token(world.master_token),
            clock=clock,
            changed=self._load_changed,
            router_left=self._look_at_all,
        )
        self._routers = self._feeds.informer(world.api, world.namespace, world.router_service, random=rng)
        self._load_news = LoadNews()
        writer = Writer(world.api, self._store, world.elector.leads)
        departures = Departures(writer, self._instances, clock)
        recorder = Recorder(
            api=world.api,
            reporter=world.elector.identity,
            leads=world.elector.leads,
            clock=clock,
            wall_clock=world.wall_clock,
        )
        self._reporter = Reporter(
            writer=writer,
            instances=self._instances,
            metrics=world.metrics,
            recorder=recorder,
            wall_clock=world.wall_clock,
        )
        self._kills = Kills(self._instances, departures.expected, world.metrics, self._reporter.happened)
        self._reconciler = Reconciler(
            store=self._store,
            instances=self._instances,
            feeds=self._feeds,
            writer=writer,
            children=Children(writer=writer, settings=world.cluster, token_of=self._token_of, clock=clock),
            departures=departures,
            reporter=self._reporter,
            clock=clock,
            wall_clock=world.wall_clock,
        )
        self._leading = False

    @property
    def informers(self) -> list[Informer]:
        return [*self._store.informers, self._routers]

    @property
    def is_synced(self) -> bool:
        return all(informer.synced.is_set() for informer in self.informers)

    def oldest_key_seconds(self) -> float:
        """Return for how long a change has waited; one that stands by leaves all of them to the leader."""
        return self._queue.oldest_seconds() if self._leading else 0.0

    def counts(self) -> Iterator[tuple[Key, int, int]]:
        """Yield wanted and ready instances of each pool that this operator looks after."""
        for key, wish in self._reconciler.wishes.items():
            yield key, wish.desired, self._reporter.ready.get(key, 0)

    def touch(self, key: Key) -> None:
        """Have a pool looked at."""
        self._queue.add(key)

    async def watch(self) -> None:
        """Know the cluster, until cancelled."""
        async with asyncio.TaskGroup() as following:
            following.create_task(self._store.run())
            following.create_task(self._routers.run())

    async def lead(self) -> None:
        """Act, until cancelled: begins once everything is known."""
        await asyncio.gather(*(informer.synced.wait() for informer in self.informers))
        self._queue.clear()  # of what has changed while another one led
        self._leading = True
        try:
            self._look_at_all()
            async with asyncio.TaskGroup() as acting:
                acting.create_task(self._follow_all())
                await self._queue.run()
        finally:
            self._leading = False

    async def _follow_all(self) -> None:
        """Follow the pods that are there, in steps: thousands at once would keep everything else waiting."""
        for pool in self._store.known_pools():
            pods = self._store.children(PODS, pool)
            for pod in pods:
                self._follow(pool, pod, pod)
            await asyncio.sleep(len(pods) / PODS_FOLLOWED_A_SECOND)

    async def close(self) -> None:
        await self._instances.close()
        await self._feeds.close()

    async def _look(self, key: Key) -> float | None:
        with self._world.metrics.reconcile_seconds.time():
            return await self._reconciler.reconcile(key)

    def _changed(self, resource: Resource, pool: Key, change: Change) -> None:
        self._queue.add(pool)
        if resource is PODS and self._leading:
            known = change.after or change.before
            if known is not None:
                self._kills.note(pool, change)  # before what the pod said last is forgotten
                self._follow(pool, known, change.after)

    def _follow(self, pool: Key, known: Object, pod: Object | None) -> None:
        """Follow a pod that is `known` for as long as it is there (`pod`)."""
        self._instances.follow(known["metadata"]["uid"], pool, pod, lambda: self._token_of_pod(known))

    def _load_changed(self, feed: LoadFeed) -> None:
        report = feed.heard.report
        if report is not None:
            for pool in self._load_news.take(report, feed.heard.at):
                namespace, _, name = pool.partition("/")
                self._queue.add(Key(namespace, name))

    def _look_at_all(self) -> None:
        for pool in self._store.known_pools():
            self._queue.add(pool)

    def _token_of(self, pool: BridgeInstancePool) -> str:
        return pool_token(self._world.master_token, pool.metadata.uid)

    def _token_of_pod(self, pod: Object) -> str:
        """Derive the token of the pool that a pod was made for, which may be an earlier one of its name."""
        return pool_token(self._world.master_token, pod["metadata"]["labels"].get(POOL_UID_LABEL, ""))
