"""Lets instances go, so that no chat is cut: deletion cost → seen → idle said once more → `/scale` → who went.

Each look takes the next step of each victim; where the operator dies in between, the next one goes on from what it finds.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from bridge_api import names
from bridge_operator.cluster.instances import Instances
from bridge_operator.cluster.observe import Observed, ObservedPod, ObservedRevision, replica_pod
from bridge_operator.cluster.writer import Writer
from bridge_operator.plan.replica_set import ReplicaPod, first_to_go, still_unmade
from bridge_runtime.logs import get_logger

VICTIM_COST = -1000
"""Below whatever a person may have set: the ReplicaSet takes the lowest first."""

MARK_AGAIN_SECONDS = 1.0

log = get_logger("operator")


@dataclass(slots=True)
class Departures:
    writer: Writer
    instances: Instances
    expected: set[str] = field(default_factory=set)
    """UIDs of pods that have been let go: their deletion is no surprise."""

    _told: dict[str, str] = field(default_factory=dict)

    async def let_go(self, observed: Observed, victims: Iterable[str]) -> bool:
        """Take the next step for these instances, and tell whether one of them is to be looked at again soon."""
        wanted = set(victims) - observed.going()
        steps = []
        for revision in observed.revisions:
            pods = observed.pods_of(revision)
            chosen = [pod for pod in pods if pod.name in wanted]
            unmade = sum(name.startswith(f"{revision.name}/") for name in wanted)
            if chosen or unmade:
                steps.append(self._lower(revision, chosen, unmade))
        return any(await asyncio.gather(*steps))

    async def _lower(self, revision: ObservedRevision, chosen: list[ObservedPod], unmade: int) -> bool:
        if unmade:
            return await self._lower_by_unmade(revision, unmade) or bool(chosen)
        marked = [pod for pod in chosen if pod.cost == VICTIM_COST]
        await asyncio.gather(*(self._mark(pod) for pod in chosen if pod not in marked))
        if not marked:
            return True
        asked = await asyncio.gather(*(self._idle_or_none(pod) for pod in marked))
        idle = [pod for pod in asked if pod is not None]
        pods = await self._pods_now(revision)
        idle = [pod for pod in idle if self._still_may_go(pod, pods)]
        certain, reason, message = first_to_go(pods, {pod.name for pod in idle}, revision.replicas)
        if not idle or not certain:
            self._tell_once(revision.name, reason if idle else "StillBusy", message)
            return True
        self._told.pop(revision.name, None)
        self.expected |= {pod.uid for pod in idle}
        await self.writer.lower_replicas(revision.obj, revision.replicas - len(idle))
        log.info(
            "let go",
            deployment=revision.name,
            instances=[pod.name for pod in idle],
            left=revision.replicas - len(idle),
        )
        return len(idle) < len(chosen)

    async def _lower_by_unmade(self, revision: ObservedRevision, unmade: int) -> bool:
        certain, reason, message = still_unmade(await self._pods_now(revision), unmade, revision.replicas)
        if not certain:
            self._tell_once(revision.name, reason, message)
            return True
        await self.writer.lower_replicas(revision.obj, revision.replicas - unmade)
        return False

    def _still_may_go(self, pod: ObservedPod, pods: Iterable[ReplicaPod]) -> bool:
        """Tell whether new chats stay away from it: by a cordon, or because it is still not ready."""
        heard = self.instances.heard(pod.uid)
        cordoned = heard is not None and heard.connected and heard.cordon_until is not None
        return cordoned or not any(one.ready for one in pods if one.name == pod.name)

    async def _pods_now(self, revision: ObservedRevision) -> list[ReplicaPod]:
        """Ask the API server itself: what a watch has brought may be of before a new pod, or a failed probe."""
        return [replica_pod(pod) for pod in await self.writer.list_pods(revision.obj)]

    async def keep(self, pod: ObservedPod) -> None:
        """Take back the mark of a pod that is to stay."""
        await self.writer.mark_pod(pod.obj, annotations={names.DELETION_COST: None})

    def _tell_once(self, deployment: str, reason: str, why: str) -> None:
        if self._told.get(deployment) != reason:
            self._told[deployment] = reason
            log.info("not scaling down yet", deployment=deployment, reason=reason, why=why)

    async def _mark(self, pod: ObservedPod) -> None:
        await self.writer.mark_pod(pod.obj, annotations={names.DELETION_COST: str(VICTIM_COST)})

    async def _idle_or_none(self, pod: ObservedPod) -> ObservedPod | None:
        """Renew the cordon, and read again in the same answer whether a chat runs."""
        if not pod.ready and pod.heard is None:
            return pod  # it has never served
        heard = await self.instances.cordon(pod.uid)
        if heard is None:
            return None if pod.ready else pod
        return pod if heard.busy_slots == 0 and heard.cordon_until is not None else None
