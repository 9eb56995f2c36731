"""Chats that come and go: they wait for a free slot of a pod that takes new ones, and end at random."""

from random import Random

from bridge_api.errors import BridgeError
from tests.support.cluster.chat_ledger import Outcome
from tests.support.cluster.simulated_pod import SimulatedChat, SimulatedPod, now
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.simulated_router import SimulatedRouter

MOST_WAITING = 12
KNOWN_AFTER_SECONDS = 0.3
"""A router hears of a pod that is ready when the kubelet has said so to the API server, and that to it."""

END_SHARE = 0.03
"""Of the chats that run, so many end with each step."""


class Traffic:
    """Plays clients and the router's dispatching; `router` tells the operator what waits."""

    def __init__(self, pods: SimulatedPods, router: SimulatedRouter, rng: Random) -> None:
        self.frozen: set[str] = set()
        """Names of pods whose chats neither begin nor end for now."""

        self._pods = pods
        self._router = router
        self._rng = rng
        self._running: list[SimulatedChat] = []

    @property
    def waiting(self) -> int:
        return sum(self._router.pending.values())

    def arrive(self, pool: str, count: int) -> None:
        self._router.pending[pool] = min(MOST_WAITING, self._router.pending[pool] + count)

    def give_up_waiting(self, pool: str) -> None:
        self._router.pending[pool] = 0

    def move_on(self) -> None:
        """End some chats, and begin those that wait, as far as there are pods that take them."""
        self.end(END_SHARE)
        for pool, waiting in self._router.pending.items():
            pods = [pod for pod in self._pods.of_pool(pool) if self._serves(pod)]
            self._rng.shuffle(pods)
            self._router.pending[pool] = waiting - self._begin(pods, waiting)

    def end(self, share: float, pool: str = "") -> None:
        """End a share of the chats, of one pool or of all."""
        self._running = [chat for chat in self._running if chat.entry.outcome is Outcome.RUNNING]
        pools = {pod.name: pod.pool for pod in self._pods.all}
        for chat in self._running:
            mine = not pool or pools.get(chat.pod) == pool
            if mine and chat.pod not in self.frozen and self._rng.random() < share:
                self._pods.end_chat(chat)

    def _serves(self, pod: SimulatedPod) -> bool:
        """Go by what a router knows: that Kubernetes says the pod is ready."""
        known = pod.ready_since is not None and now() - pod.ready_since > KNOWN_AFTER_SECONDS
        return known and pod.name not in self.frozen

    def _begin(self, pods: list[SimulatedPod], waiting: int) -> int:
        """Fill the pods up, and return how many chats have begun."""
        begun = 0
        for pod in pods:
            try:
                while begun < waiting:
                    self._running.append(pod.begin_chat())
                    begun += 1
            except BridgeError:
                continue  # it has no free slot, or takes no new chat
        return begun
