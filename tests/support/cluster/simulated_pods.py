"""A runtime in which one server of the test process plays every pod, told apart by the address that was called."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bridge_api.wire.instance import SlotState
from bridge_runtime.serving import serve
from tests.support.cluster.chat_ledger import ChatLedger
from tests.support.cluster.pods import Ended, PodState, Report, RunningPod
from tests.support.cluster.simulated_http import make_app
from tests.support.cluster.simulated_pod import SimulatedChat, SimulatedPod
from tests.support.waiting import eventually

EVERY_ADDRESS = "0.0.0.0"  # the whole network of the pods is local in here
POD_PORT = 8080
KILLED = Ended(137)
OUT_OF_MEMORY = Ended(137, reason="OOMKilled")


class SimulatedPods:
    """The runtime, and what tests do with its pods."""

    def __init__(self, *, slots: int = 1, models: Sequence[str] = ("model-a",)) -> None:
        self.slots = slots
        """Of pods that are started from now on."""

        self.models = models
        self.chats_wait = True
        """Whether a chat that comes by HTTP goes on until the test ends it; otherwise it is answered at once."""

        self.starting_lasts = False
        """Whether pods that are started from now on stay Starting until `let_start`."""

        self.tokens: dict[str, str] = {}
        """The token that each pool (`namespace/name`) asks for; a pool without one asks for none."""

        self.ledger = ChatLedger()
        self._by_ip: dict[str, SimulatedPod] = {}

    # The runtime.

    async def start(self, pod: RunningPod, report: Report) -> None:
        simulated = SimulatedPod(pod, report, self.ledger, self.slots)
        self._by_ip[pod.ip] = simulated
        report(PodState(started=False))
        if not self.starting_lasts:
            simulated.become_ready(self.models)

    async def stop(self, pod: RunningPod, grace_seconds: float) -> None:
        simulated = self._by_ip[pod.ip]
        simulated.leave()
        try:
            async with asyncio.timeout(grace_seconds):
                await simulated.until_idle()
        except TimeoutError:
            pass  # the grace is over: what still runs is cut
        simulated.die()
        del self._by_ip[pod.ip]

    # For tests.

    @property
    def all(self) -> list[SimulatedPod]:
        return list(self._by_ip.values())

    def of_pool(self, pool: str) -> list[SimulatedPod]:
        """List the pods of a pool (`namespace/name`)."""
        return [pod for pod in self.all if pod.pool == pool]

    def at(self, ip: str) -> SimulatedPod | None:
        """Find the pod that has an address."""
        return self._by_ip.get(ip)

    def __getitem__(self, name: str) -> SimulatedPod:
        return {pod.name: pod for pod in self.all}[name]

    def let_start(self) -> None:
        """Let every pod that is still Starting become ready, and those to come at once."""
        self.starting_lasts = False
        for pod in self.all:
            if not pod.board.started:
                pod.become_ready(self.models)

    async def ready(self, count: int, *, within_seconds: float = 20.0) -> list[SimulatedPod]:
        """Wait until so many pods are there and each is ready, and return them."""

        def settled() -> list[SimulatedPod]:
            ready = [pod for pod in self.all if pod.status().ready]
            return ready if len(ready) == len(self.all) == count else []

        return (
            await eventually(settled, within_seconds=within_seconds, what=f"{count} ready pods")
            if count
            else []
        )

    def begin_chat(self, name: str) -> SimulatedChat:
        return self[name].begin_chat()

    def end_chat(self, chat: SimulatedChat) -> None:
        """End a chat; one that was cut stays cut."""
        pod = next((pod for pod in self.all if pod.name == chat.pod), None)
        if pod is not None:
            pod.end_chat(chat)

    def set_slots(self, name: str, state: SlotState, reason: str = "", message: str = "") -> None:
        """Put every slot of a pod into a state."""
        self[name].board.set_all(state, reason, message)

    def crash(self, name: str, end: Ended = KILLED) -> None:
        """End a pod's process; it stays away until `restart`."""
        self[name].crash("CrashLoopBackOff", end)

    def restart(self, name: str) -> None:
        """Let a pod that has crashed run again, as the kubelet does in the same pod."""
        self[name].come_back()
        self[name].become_ready(self.models)


@asynccontextmanager
async def running_simulated_pods(
    *, slots: int = 1, models: Sequence[str] = ("model-a",)
) -> AsyncIterator[SimulatedPods]:
    pods = SimulatedPods(slots=slots, models=models)
    async with serve(make_app(pods), host=EVERY_ADDRESS, port=POD_PORT, shutdown_seconds=0.01):
        try:
            yield pods
        finally:
            for pod in pods.all:
                pod.die()
