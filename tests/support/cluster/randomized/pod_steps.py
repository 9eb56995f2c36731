"""Random steps that happen to pods: crashes, evictions, failing probes, sites that limit them, people at their pages."""

from collections.abc import Callable

from bridge_api.wire.instance import SlotState
from tests.support.cluster.randomized.deeds import KNOWN_AFTER_SECONDS, Deed
from tests.support.cluster.randomized.world import World
from tests.support.cluster.simulated_pod import SimulatedPod, now

NOT_READY = (SlotState.RATE_LIMITED, SlotState.NEEDS_HUMAN, SlotState.BROKEN)


async def a_pod_crashes(world: World) -> str | None:
    return _announce(world, Deed.CRASH, lambda _: True)


async def a_pod_is_deleted(world: World) -> str | None:
    return _announce(world, Deed.DELETE, lambda _: True)


async def an_idle_pod_is_evicted(world: World) -> str | None:
    return _announce(world, Deed.EVICT, lambda pod: not pod.chats)


async def a_busy_pod_is_evicted(world: World) -> str | None:
    """Its pool is not paused: there nobody keeps the label that protects it."""
    unpaused = {world.key(pool) for pool in world.paused}
    return _announce(world, Deed.EVICT, lambda pod: bool(pod.chats) and pod.pool not in unpaused)


async def a_pod_comes_back(world: World) -> str | None:
    pod = _some(world, lambda pod: not pod.alive)
    if pod is None:
        return None
    world.pods.restart(pod.name)
    world.deeds.turned_at[pod.name] = world.deeds.back_at[pod.name] = now()
    return f"{pod.name} runs again"


async def a_probe_fails(world: World) -> str | None:
    """Make a pod NotReady, busy or not."""
    pod = _some(world, lambda pod: _is_well(world, pod) and not pod.probe_fails)
    if pod is None:
        return None
    pod.fail_probe(fails=True)
    world.deeds.turned_at[pod.name] = now()
    return f"the probe of {pod.name} fails, it has {len(pod.chats)} chats"


async def a_probe_passes_again(world: World) -> str | None:
    pod = _some(world, lambda pod: pod.alive and pod.probe_fails)
    if pod is None:
        return None
    pod.fail_probe(fails=False)
    return f"the probe of {pod.name} passes again"


async def slots_fail(world: World) -> str | None:
    """Let the free slots of a pod be limited by the site, wait for a person, or be broken."""
    pod = _some(world, lambda pod: _is_well(world, pod))
    if pod is None:
        return None
    state = world.rng.choice(NOT_READY)
    _put(pod, SlotState.READY, state)
    return f"free slots of {pod.name} are {state}"


async def slots_recover(world: World) -> str | None:
    def fails(pod: SimulatedPod) -> bool:
        return pod.alive and any(slot.state in NOT_READY for slot in pod.board.slots)

    pod = _some(world, fails)
    if pod is None:
        return None
    for state in NOT_READY:
        _put(pod, state, SlotState.READY)
    return f"all slots of {pod.name} are well"


def mend_all(world: World) -> None:
    """Let nothing be wrong with any pod any more."""
    for pod in world.pods.all:
        if not pod.alive and not pod.board.draining:
            world.pods.restart(pod.name)
        if pod.alive:
            pod.fail_probe(fails=False)
            for state in NOT_READY:
                _put(pod, state, SlotState.READY)


def _put(pod: SimulatedPod, old: SlotState, new: SlotState) -> None:
    for number, slot in enumerate(pod.board.slots):
        if slot.state is old:
            pod.board.set(number, new)


def _announce(world: World, deed: Deed, wanted: Callable[[SimulatedPod], bool]) -> str | None:
    pod = _some(world, lambda pod: _is_well(world, pod) and _is_known(pod) and wanted(pod))
    if pod is None:
        return None
    world.deeds.announce(pod, deed)
    return f"{deed} of {pod.name} is due"


def _is_well(world: World, pod: SimulatedPod) -> bool:
    return pod.alive and not pod.board.draining and pod.name not in world.traffic.frozen


def _is_known(pod: SimulatedPod) -> bool:
    """Tell whether the operator has heard from it: it does not call one all the time that was down."""
    return now() - pod.alive_since > KNOWN_AFTER_SECONDS


def _some(world: World, wanted: Callable[[SimulatedPod], bool]) -> SimulatedPod | None:
    found = sorted((pod for pod in world.pods.all if wanted(pod)), key=lambda pod: pod.name)
    return world.rng.choice(found) if found else None
