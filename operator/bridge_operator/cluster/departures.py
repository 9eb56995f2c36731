"""Lets instances go, so that no chat is cut: deletion cost → seen → idle said once more → `/scale` → who went.

Each look takes the next step of each victim; where the operator dies in between, the next one goes on from what it finds.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from bridge_api import names
from bridge_operator.cluster.instances import Instances
from bridge_operator.cluster.observe import Observed, ObservedPod, ObservedRevision
from bridge_operator.cluster.patience import Patience
from bridge_operator.cluster.raw import replica_pod
from bridge_operator.cluster.together import together
from bridge_operator.cluster.writer import Writer
from bridge_operator.plan.leaving import RENEW_SECONDS
from bridge_operator.plan.replica_set import ReplicaPod, first_to_go, still_unmade
from bridge_runtime.kube import KubeError
from bridge_runtime.logs import get_logger

VICTIM_COST = -1000
"""Below whatever a person may have set: the ReplicaSet takes the lowest first."""

NEXT_STEP_SECONDS = 1.0

log = get_logger("operator")


@dataclass(frozen=True, slots=True)
class Leaving:
    """Those of one revision that are to go."""

    revision: ObservedRevision
    pods: tuple[ObservedPod, ...]
    unmade: int
    """So many that Kubernetes has still to make."""

    picture: Hashable
    """What decides whether they can: while it is the same, trying again is of little use."""


@dataclass(slots=True)
class Departures:
    writer: Writer
    instances: Instances
    clock: Callable[[], float]
    expected: set[str] = field(default_factory=set)
    """UIDs of pods that have been let go: their deletion is no surprise."""

    _patience: Patience = field(default_factory=Patience)
    """By Deployment."""

    async def let_go(self, observed: Observed, victims: Iterable[str]) -> float | None:
        """Take the next step for these instances, and tell after how many seconds the one after that is due."""
        wanted = set(victims) - observed.going()
        steps = []
        for revision in observed.revisions:
            leaving = _leaving(observed, revision, wanted)
            if leaving.pods or leaving.unmade:
                steps.append(self._lower(leaving))
            else:
                self._patience.forget(revision.name)
        return min([pause for pause in await together(steps) if pause is not None], default=None)

    async def hold(self, observed: Observed) -> float | None:
        """Keep new chats away from pods that have been let go, for as long as Kubernetes takes to end them."""
        going = observed.going()
        held = [pod for pod in observed.pods if pod.name in going]
        await together(self.instances.cordon(pod.uid) for pod in held if self._needs_cordon(pod))
        return NEXT_STEP_SECONDS if held else None

    async def lift_cordons(self, observed: Observed, *, but: set[str]) -> None:
        """Lift the cordons of operators before us from the pods that are to stay."""
        leaving = but | observed.going()
        for pod in observed.pods:
            left = pod.heard is not None and pod.heard.left_cordoned
            if left and pod.name not in leaving and not pod.terminating:
                await self.instances.uncordon(pod.uid)

    async def take_back_marks(self, observed: Observed, *, but: set[str]) -> None:
        """Take back the marks of pods that are to stay."""
        leaving = but | observed.going()
        for pod in observed.pods:
            if pod.cost == VICTIM_COST and not pod.terminating and pod.name not in leaving:
                await self.writer.mark_pod(pod.obj, annotations={names.DELETION_COST: None})

    async def _lower(self, leaving: Leaving) -> float | None:
        revision = leaving.revision
        if (wait := self._patience.wait_seconds(revision.name, leaving.picture, self.clock())) > 0:
            return wait
        if leaving.unmade:
            again = await self._lower_by_unmade(leaving)
            return NEXT_STEP_SECONDS if leaving.pods else again
        marked = [pod for pod in leaving.pods if pod.cost == VICTIM_COST]
        await together(self._mark(pod) for pod in leaving.pods if pod not in marked)
        if not marked:
            return NEXT_STEP_SECONDS
        asked = await together(self._idle_or_none(pod) for pod in marked)
        return await self._lower_by_idle(leaving, [pod for pod in asked if pod is not None])

    async def _lower_by_idle(self, leaving: Leaving, idle: list[ObservedPod]) -> float | None:
        revision = leaving.revision
        if not idle:
            return self._not_yet(leaving, "StillBusy", "a chat has begun meanwhile, or it does not answer")
        pods = await self._pods_now(revision)
        idle = [pod for pod in idle if self._still_may_go(pod, pods)]
        certain, reason, message = first_to_go(pods, {pod.name for pod in idle}, revision.replicas)
        if not idle or not certain:
            return self._not_yet(leaving, reason if idle else "StillBusy", message)
        left = revision.replicas - len(idle)
        self._patience.forget(revision.name)
        await self._send_away(revision, {pod.uid for pod in idle}, left)
        log.info("let go", deployment=revision.name, instances=[pod.name for pod in idle], left=left)
        return NEXT_STEP_SECONDS if len(idle) < len(leaving.pods) else None

    async def _send_away(self, revision: ObservedRevision, uids: set[str], left: int) -> None:
        """Have fewer replicas; the pods' end is expected before it can be seen, and no longer where that was refused."""
        self.expected |= uids
        try:
            await self.writer.lower_replicas(revision.obj, left)
        except (KubeError, asyncio.CancelledError):
            self.expected -= uids
            raise

    async def _lower_by_unmade(self, leaving: Leaving) -> float | None:
        revision, unmade = leaving.revision, leaving.unmade
        certain, reason, message = still_unmade(await self._pods_now(revision), unmade, revision.replicas)
        if not certain:
            return self._not_yet(leaving, reason, message)
        await self.writer.lower_replicas(revision.obj, revision.replicas - unmade)
        return None

    def _not_yet(self, leaving: Leaving, reason: str, why: str) -> float:
        deployment = leaving.revision.name
        pause, is_news = self._patience.refuse(deployment, leaving.picture, reason, self.clock())
        if is_news:
            log.info("not scaling down yet", deployment=deployment, reason=reason, why=why)
        return pause

    def _needs_cordon(self, pod: ObservedPod) -> bool:
        now = self.clock()
        if now < pod.asked_until or (pod.heard is None and not pod.ready):
            return False
        until = pod.heard.cordon_until if pod.heard is not None else None
        return until is None or until - now < RENEW_SECONDS

    def _still_may_go(self, pod: ObservedPod, pods: Iterable[ReplicaPod]) -> bool:
        """Tell whether new chats stay away from it: by a cordon, or because it is still not ready."""
        heard = self.instances.heard(pod.uid)
        cordoned = heard is not None and heard.connected and heard.cordon_until is not None
        return cordoned or not any(one.ready for one in pods if one.name == pod.name)

    async def _pods_now(self, revision: ObservedRevision) -> list[ReplicaPod]:
        """Ask the API server itself: what a watch has brought may be of before a new pod, or a failed probe."""
        return [replica_pod(pod) for pod in await self.writer.list_pods(revision.obj)]

    async def _mark(self, pod: ObservedPod) -> None:
        await self.writer.mark_pod(pod.obj, annotations={names.DELETION_COST: str(VICTIM_COST)})

    async def _idle_or_none(self, pod: ObservedPod) -> ObservedPod | None:
        """Renew the cordon, and read again in the same answer whether a chat runs."""
        if not pod.started and pod.heard is None:
            return pod  # it has never served
        heard = await self.instances.cordon(pod.uid)
        if heard is None:
            return None if pod.ready or pod.heard is None else pod
        return pod if heard.busy_slots == 0 and heard.cordon_until is not None else None


def _leaving(observed: Observed, revision: ObservedRevision, wanted: set[str]) -> Leaving:
    pods = observed.pods_of(revision)
    unmade = sum(name.startswith(f"{revision.name}/") for name in wanted)
    seen = frozenset((pod.name, pod.name in wanted, pod.ready, pod.cost, pod.busy_slots) for pod in pods)
    chosen = tuple(pod for pod in pods if pod.name in wanted)
    return Leaving(revision, chosen, unmade, (revision.replicas, unmade, seen))
