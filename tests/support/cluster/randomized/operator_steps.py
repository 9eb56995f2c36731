"""Random steps that happen to the operator: its end, watches that are cut, an API server that refuses."""

import signal

from tests.support.cluster.faults import watches, writes
from tests.support.cluster.randomized.world import World
from tests.support.waiting import eventually

REFUSALS = (409, 429, 500, 503)
COUNTED_SECONDS = 30.0


async def the_operator_is_stopped(world: World) -> str | None:
    return await _end(world, signal.SIGTERM)


async def the_operator_is_killed(world: World) -> str | None:
    return await _end(world, signal.SIGKILL)


async def watches_are_cut(world: World) -> str:
    return f"{world.proxy.cut(watches)} watches are cut"


async def everything_is_cut(world: World) -> str:
    return f"{world.proxy.cut()} connections are cut"


async def writes_are_refused(world: World) -> str:
    status, times = world.rng.choice(REFUSALS), world.rng.randint(1, 4)
    world.proxy.mend()  # or, while few writes come, refusals pile up until nobody can lead any more
    world.proxy.fail(status, times=times, matches=writes)
    return f"{times} writes are refused with {status}"


async def watches_expire(world: World) -> str:
    """Cut them, and let their next ones be told that their version is too old."""
    world.proxy.fail(410, times=2, matches=watches)
    return f"{world.proxy.cut(watches)} watches are cut, and expire"


async def all_is_counted(world: World) -> None:
    """Wait until the operators have counted what the ledger says, but for pods that they could not know to chat."""
    ledger = world.pods.ledger

    async def agree() -> bool:
        there_were = len(ledger.killed_busy) + len(ledger.died_busy)
        return there_were - len(world.deeds.unheard) <= await world.operators.busy_kills() <= there_were

    try:
        await eventually(agree, within_seconds=COUNTED_SECONDS, what="each busy kill being counted")
    except AssertionError as failed:
        failed.add_note(f"counted: {await world.operators.busy_kills()}; died: {ledger.died_busy}")
        failed.add_note(f"told to end: {ledger.killed_busy}")
        raise


async def _end(world: World, number: signal.Signals) -> str | None:
    """End the leader once it has counted all: what it has not said is gone with it."""
    if not await world.operators.can_hand_over():
        return None
    await all_is_counted(world)
    await world.operators.end_the_leader(number)
    return f"the operator gets {number.name}"
