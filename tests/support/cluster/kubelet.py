"""A small fake kubelet, scheduler included: takes the pods of a namespace through their lives, with a runtime that runs them."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.support.cluster.api import STRATEGIC, Api, ApiError, Object, path_of
from tests.support.cluster.network import POD_NETWORK
from tests.support.cluster.pod_status import running_status, unschedulable_status, waiting_status
from tests.support.cluster.pods import PodRuntime, PodState, RunningPod, Trouble

NODE = "fake-node"
RETRY_SECONDS = 0.1
CALLS_AT_A_TIME = 24
GONE = 404
CONFLICT = 409


class Kubelet:
    """Watches pods; each has a task that takes it from step to step."""

    def __init__(self, api: Api, namespace: str, runtime: PodRuntime, addresses: Iterator[str]) -> None:
        self.trouble: Callable[[Object], Trouble | None] = lambda _: None
        """What keeps a pod from running; asked anew after `look_again`."""

        self.namespace = namespace
        self._api = api
        self._runtime = runtime
        self._addresses = addresses
        self._pods_path = path_of("v1", "pods", namespace)
        self._calls = asyncio.Semaphore(CALLS_AT_A_TIME)
        self._lives: dict[str, _Life] = {}

    def look_again(self) -> None:
        """Ask again whether there is trouble, after it has changed."""
        for life in self._lives.values():
            life.changed.set()

    async def run(self) -> None:
        """Look after the pods until cancelled; what a runtime raises ends it."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                try:
                    await self._follow(tasks)
                except (ApiError, aiohttp.ClientError, TimeoutError, OSError):
                    await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self, tasks: asyncio.TaskGroup) -> None:
        listed = await self._api.get(self._pods_path)
        there = {pod["metadata"]["uid"]: pod for pod in listed["items"]}
        for uid in self._lives.keys() - there.keys():
            self._lives[uid].gone()
        for pod in there.values():
            self._seen(pod, tasks)
        async for event in self._api.watch(self._pods_path, listed["metadata"]["resourceVersion"]):
            if event["type"] == "ERROR":
                return
            if event["type"] == "DELETED" and (life := self._lives.get(event["object"]["metadata"]["uid"])):
                life.gone()
            elif event["type"] in ("ADDED", "MODIFIED"):
                self._seen(event["object"], tasks)

    def _seen(self, pod: Object, tasks: asyncio.TaskGroup) -> None:
        uid = pod["metadata"]["uid"]
        if (life := self._lives.get(uid)) is not None:
            life.see(pod)
            return
        life = self._lives[uid] = _Life(self, pod)
        tasks.create_task(life.live())

    # What the lives use.

    @property
    def runtime(self) -> PodRuntime:
        return self._runtime

    def next_address(self) -> str:
        return next(self._addresses)

    def forget(self, uid: str) -> None:
        self._lives.pop(uid, None)

    async def call(self, request: Callable[[Api], Any]) -> None:
        """Call the API server until it has answered; what is gone or was done before is no failure."""
        while True:
            try:
                async with self._calls:
                    await request(self._api)
            except ApiError as error:
                if error.status in (GONE, CONFLICT):
                    return
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass  # the API server is away: as a kubelet does, go on trying
            else:
                return
            await asyncio.sleep(RETRY_SECONDS)


class _Life:
    """One pod, from its being seen to its being gone."""

    def __init__(self, kubelet: Kubelet, pod: Object) -> None:
        self.changed = asyncio.Event()
        self._kubelet = kubelet
        self._object = pod
        self._gone = False
        self._ip = ""
        self._running: RunningPod | None = None
        self._state: PodState | None = None
        self._written: Object | None = None

    def see(self, pod: Object) -> None:
        self._object = pod
        self.changed.set()

    def gone(self) -> None:
        self._gone = True
        self.changed.set()

    async def live(self) -> None:
        try:
            while not self._gone and not self._leaving:
                self.changed.clear()
                await self._step()
                await self.changed.wait()
            await self._end()
        finally:
            self._kubelet.forget(self._object["metadata"]["uid"])

    @property
    def _leaving(self) -> bool:
        return "deletionTimestamp" in self._object["metadata"]

    async def _step(self) -> None:
        """Do what is next for a pod that is to run."""
        trouble = self._kubelet.trouble(self._object)
        if self._running is not None:
            await self._write_state(self._running)
        elif trouble is not None and trouble.unschedulable:
            await self._write(unschedulable_status(trouble, _now()))
        elif trouble is not None:
            await self._bind()
            await self._write(waiting_status(self._pod(), trouble, _now()))
        else:
            await self._bind()
            self._running = self._pod()
            await self._kubelet.runtime.start(self._running, self._report)
            await self._write_state(self._running)

    async def _end(self) -> None:
        """Stop what runs, writing its state while it ends, and take the object away."""
        if self._running is not None:
            grace = (
                0.0 if self._gone else float(self._object["metadata"].get("deletionGracePeriodSeconds", 0))
            )
            stopping = asyncio.create_task(self._kubelet.runtime.stop(self._running, grace))
            stopping.add_done_callback(lambda _: self.changed.set())
            try:
                await self._write_until(stopping, self._running)
            finally:
                stopping.cancel()
                await asyncio.wait([stopping])
            stopping.result()
        if not self._gone:
            uid = self._object["metadata"]["uid"]
            now = {"gracePeriodSeconds": 0, "preconditions": {"uid": uid}}
            await self._kubelet.call(lambda api: api.delete(self._path(), now))

    async def _write_until(self, stopping: "asyncio.Task[None]", pod: RunningPod) -> None:
        while not stopping.done():
            self.changed.clear()
            if not self._gone:
                await self._write_state(pod)
            await self.changed.wait()

    def _report(self, state: PodState) -> None:
        if state != self._state:
            self._state = state
            self.changed.set()

    async def _bind(self) -> None:
        if self._object["spec"].get("nodeName"):
            return
        target = {"apiVersion": "v1", "kind": "Node", "name": NODE}
        name = self._object["metadata"]["name"]
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name}, "target": target}
        await self._kubelet.call(lambda api: api.create(self._path("binding"), binding))
        self._object["spec"]["nodeName"] = NODE

    async def _write_state(self, pod: RunningPod) -> None:
        if self._state is not None:
            await self._write(running_status(pod, self._state, _now()))

    async def _write(self, status: Object) -> None:
        """Write a status, unless nothing but its times is new."""
        if self._written is not None and _without_times(status) == _without_times(self._written):
            return
        self._written = status
        await self._kubelet.call(lambda api: api.patch(self._path("status"), status, STRATEGIC))

    def _pod(self) -> RunningPod:
        self._ip = self._ip or self._kubelet.next_address()
        return RunningPod(self._object, self._ip)

    def _path(self, subresource: str = "") -> str:
        metadata = self._object["metadata"]
        return path_of("v1", "pods", metadata["namespace"], metadata["name"], subresource)


def pod_addresses() -> Iterator[str]:
    """Yield the addresses of the pods' network, each once."""
    return (str(address) for address in ipaddress.ip_network(POD_NETWORK).hosts())


async def register_node(api: Api) -> None:
    """Make the node: endpoint slices leave out pods whose node is not there."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}}
    try:
        await api.create(path_of("v1", "nodes"), node)
    except ApiError as error:
        if error.status != CONFLICT:
            raise


@asynccontextmanager
async def running_kubelet(
    api: Api, namespace: str, runtime: PodRuntime, addresses: Iterator[str]
) -> AsyncIterator[Kubelet]:
    await register_node(api)
    kubelet = Kubelet(api, namespace, runtime, addresses)
    task = asyncio.create_task(kubelet.run())
    try:
        yield kubelet
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_times(item)
            for key, item in value.items()
            if key not in ("lastTransitionTime", "startedAt", "finishedAt")
        }
    return [_without_times(item) for item in value] if isinstance(value, list) else value


def _now() -> datetime:
    return datetime.now(UTC)
