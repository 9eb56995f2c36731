"""What must hold after every step of a randomized run, and what at its end."""

from collections import defaultdict, deque

from bridge_api import names
from bridge_operator.pod_client import CORDON_OWNER
from tests.support.cluster.api import Object
from tests.support.cluster.chat_ledger import Outcome
from tests.support.cluster.randomized.world import World
from tests.support.cluster.simulated_pod import now
from tests.support.cluster.workloads import COST, deployment_path, pod_path
from tests.support.waiting import eventually

MEMORY_SECONDS = 10.0
"""What was wanted so long ago may still be there."""

CORRECTED_SECONDS = 30.0
"""What is refused again and again is tried after ten seconds at the latest."""


class TooMany:
    """Looks for pods beyond what is wanted, has been wanted lately, or may be there beside that."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wanted: deque[tuple[float, dict[str, int]]] = deque()

    async def check(self) -> None:
        """Fail where a pool has too many pods, and goes on having them."""
        if await self._found():
            try:
                await eventually(
                    self._none, within_seconds=CORRECTED_SECONDS, what="no pool with too many pods"
                )
            except AssertionError as failed:
                failed.add_note(f"too many: {await self._found()}")
                raise

    async def _none(self) -> bool:
        return not await self._found()

    async def _found(self) -> list[str]:
        pools = await self._world.pools()
        self._wanted.append((now(), {name: _bound(pool) for name, pool in pools.items()}))
        while self._wanted[0][0] < now() - MEMORY_SECONDS:
            self._wanted.popleft()
        return [f"{name}: {count}" for name in pools if (count := self._serving(name)) > self._most(name)]

    def _most(self, name: str) -> int:
        return max(bounds[name] for _, bounds in self._wanted)

    def _serving(self, name: str) -> int:
        """Count the pods that take chats: those that drain may take their time."""
        if name in self._world.paused:
            return 0
        return sum(
            pod.alive and not pod.board.draining and not pod.status().cordons
            for pod in self._world.pods.of_pool(self._world.key(name))
        )


def _bound(pool: Object) -> int:
    wanted = int(pool.get("status", {}).get("desiredInstances", 0))
    return wanted + int(pool["spec"]["rollout"]["maxSurge"])


def check_chats(world: World) -> None:
    """Fail where a chat was cut, or a busy pod told to end, by anybody but the test."""
    ledger, deeds = world.pods.ledger, world.deeds
    cut = [chat for chat in ledger.cut if chat.pod not in deeds.crashed]
    assert not cut, f"chats were cut: {cut}"
    killed = set(ledger.killed_busy) - deeds.deleted - overtaken(world)
    assert not killed, f"busy pods were told to end: {killed}"
    assert not deeds.wrong, deeds.wrong


def overtaken(world: World) -> set[str]:
    """Name the busy pods that have ended where no operator can know better."""
    killed = set(world.pods.ledger.killed_busy) - world.deeds.deleted
    return {pod for pod in killed if world.deeds.overtook_the_operator(pod)}


async def leftovers(world: World, least: dict[str, int]) -> list[str]:
    """List what is still not as it is to be when nothing has happened for a while; `least` says how many by pool."""
    found = [f"{chat.pod} chats" for chat in world.pods.ledger.chats if chat.outcome is Outcome.RUNNING]
    for name, count in least.items():
        pods = world.pods.of_pool(world.key(name))
        if len(pods) != count or not all(pod.status().ready for pod in pods):
            found.append(f"{name} has {[pod.name for pod in pods]} in place of {count} pods that are ready")
    found += [
        f"{pod.name} is cordoned"
        for pod in world.pods.all
        if any(cordon.owner == CORDON_OWNER for cordon in pod.status().cordons)
    ]
    return found + await _leftover_objects(world)


async def _leftover_objects(world: World) -> list[str]:
    """List marks and Deployments; a revision that nobody has run yet may keep the one before it, to go back to."""
    found = [
        f"{pod['metadata']['name']} has a deletion cost"
        for pod in await world.api.items(pod_path(world.namespace))
        if COST in pod["metadata"].get("annotations", {})
    ]
    pools = await world.pools()
    by_profile: defaultdict[tuple[str, str], list[Object]] = defaultdict(list)
    for deployment in await world.api.items(deployment_path(world.namespace)):
        labels = deployment["metadata"]["labels"]
        by_profile[labels[names.POOL_LABEL], labels.get(names.PROFILE_LABEL, "")].append(deployment)
    for (pool, _), deployments in by_profile.items():
        image = pools[pool]["spec"]["image"]
        old = [one for one in deployments if _image(one) != image]
        proven = any(one["spec"]["replicas"] for one in deployments if _image(one) == image)
        if len(old) > (0 if proven else 1):
            found.append(f"old revisions are there: {[one['metadata']['name'] for one in old]}")
    return found


def _image(deployment: Object) -> str:
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return str(container["image"])
