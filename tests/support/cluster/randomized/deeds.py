"""What the test itself does to pods that may chat: announced first, so that everybody knows how busy the pod was.

A chat that begins or ends in the same instant as its pod is one that operator and ledger may see in two orders; from the
announcement to the deed the pod's chats stay as they are.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bridge_operator.cluster.instances import LONGEST_PAUSE_SECONDS
from tests.support.cluster.api import Api, ApiError
from tests.support.cluster.randomized.traffic import Traffic
from tests.support.cluster.simulated_pod import SimulatedPod, now
from tests.support.cluster.simulated_pods import SimulatedPods
from tests.support.cluster.workloads import pod_path
from tests.support.waiting import eventually

KNOWN_AFTER_SECONDS = LONGEST_PAUSE_SECONDS + 1.0
"""After so long the operator has heard from a pod that runs again: it does not call all the time one that was down."""

WARNING_SECONDS = 1.0
OVERTAKING_SECONDS = 2.0
"""On a busy machine so much time may pass from the operator's last look to the kubelet's seeing that a pod is to end."""

SEEN_SECONDS = 30.0
REFUSED = 429
GONE = 404


class Deed(StrEnum):
    CRASH = "crash"
    DELETE = "delete"
    EVICT = "evict"


@dataclass
class Deeds:
    api: Api
    namespace: str
    pods: SimulatedPods
    traffic: Traffic
    crashed: set[str] = field(default_factory=set)
    """Names of pods whose chats the test has cut."""

    deleted: set[str] = field(default_factory=set)
    """Names of pods that the test has told to end."""

    turned_at: dict[str, float] = field(default_factory=dict)
    """When the probe of a pod failed, or one that had crashed ran again."""

    back_at: dict[str, float] = field(default_factory=dict)
    """When one that had crashed ran again."""

    wrong: list[str] = field(default_factory=list)
    refused_evictions: int = 0
    _due: dict[str, tuple[Deed, float]] = field(default_factory=dict)

    def announce(self, pod: SimulatedPod, deed: Deed) -> None:
        self.traffic.frozen.add(pod.name)
        self._due[pod.name] = (deed, now() + WARNING_SECONDS)

    def overtook_the_operator(self, pod: str) -> bool:
        """Tell whether a pod's probe failed, or its process ran again, just before it was told to end.

        A ReplicaSet deletes a pod that is not ready before any other, and one that was still ready when the operator
        looked may not be when `/scale` arrives: Kubernetes has no way to say which one is meant. And one that was down
        when it was let go may take chats before it is told.
        """
        turned = self.turned_at.get(pod, float("-inf"))
        return self.pods.ledger.killed_at[pod] - turned < OVERTAKING_SECONDS

    @property
    def unheard(self) -> set[str]:
        """Name the busy pods that were told to end before the operator could know that they ran again."""
        killed_at = self.pods.ledger.killed_at.items()
        never = float("-inf")
        return {pod for pod, at in killed_at if at - self.back_at.get(pod, never) < KNOWN_AFTER_SECONDS}

    @property
    def announced(self) -> bool:
        return bool(self._due)

    async def do(self, counted: Callable[[], Awaitable[None]]) -> list[str]:
        """Do what is due, and tell it. An operator leads: nobody else counts what happens.

        The pod's chats stay as they are until it is counted: an operator whose watch is late would see what came after.
        """
        done = []
        for name, (deed, due) in list(self._due.items()):
            if now() < due:
                continue
            del self._due[name]
            pod = next((pod for pod in self.pods.all if pod.name == name), None)
            if pod is not None and pod.alive and not pod.board.draining:
                done.append(f"{deed} {name} with {len(pod.chats)} chats")
                await self._do(deed, pod)
                await counted()
            self.traffic.frozen.discard(name)
        return done

    async def _do(self, deed: Deed, pod: SimulatedPod) -> None:
        match deed:
            case Deed.CRASH:
                self.crashed.add(pod.name)
                self.pods.crash(pod.name)
            case Deed.DELETE:
                self.deleted.add(pod.name)
                await self.api.delete(pod_path(self.namespace, pod.name))
                await self._seen_to_end(pod.name)
            case Deed.EVICT:
                await self._evict(pod)

    async def _evict(self, pod: SimulatedPod) -> None:
        protected = bool(pod.chats) and not pod.probe_fails and pod.alive
        self.deleted.add(pod.name)
        try:
            await self.api.create(pod_path(self.namespace, pod.name, "eviction"), _eviction(pod.name))
        except ApiError as refused:
            if refused.status not in (REFUSED, GONE):
                raise
            self.deleted.discard(pod.name)
            self.refused_evictions += refused.status == REFUSED
            return
        if protected:
            self.wrong.append(f"the busy pod {pod.name} was evicted")
        await self._seen_to_end(pod.name)

    async def _seen_to_end(self, name: str) -> None:
        await eventually(
            lambda: name in self.pods.ledger.stopped, within_seconds=SEEN_SECONDS, what=f"the end of {name}"
        )


def _eviction(name: str) -> dict[str, object]:
    return {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
