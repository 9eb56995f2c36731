"""A randomized run: so many steps, what must hold checked after each, and at the end peace."""

import json
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import partial

from tests.support.cluster.randomized.invariants import TooMany, check_chats, leftovers, overtaken
from tests.support.cluster.randomized.operator_steps import all_is_counted
from tests.support.cluster.randomized.pod_steps import mend_all
from tests.support.cluster.randomized.steps import WEIGHTS
from tests.support.cluster.randomized.world import POOLS, World
from tests.support.waiting import eventually

LAST_IMAGE = "browser:last"
REMEMBERED_STEPS = 60
PAUSE_SHARE = 0.35
"""After so many of the steps the operator gets to hear of what has happened; the others come in one burst."""

LONGEST_PAUSE_SECONDS = 0.3
COUNT_EVERY_STEPS = 5
PEACE_SECONDS = 90.0


@dataclass
class Done:
    """What has happened in a run."""

    seed: int
    steps: int = 0
    seconds: float = 0.0
    chats: int = 0
    let_go: int = 0
    """Pods that the operator has ended."""

    busy_kills: int = 0
    """Pods that the test ended, or whose process it did, while they chatted; and those that were `overtaken`."""

    counted: int = 0
    """So many of them the operators have counted."""

    overtaken: int = 0
    """Pods that turned NotReady or came back while another one, or they themselves, were let go."""

    operators: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED_STEPS))

    def note(self, kind: str, what: str) -> None:
        self.by_kind[kind] += 1
        self.last.append(f"{self.steps:>6} {what}")

    async def add_up(self, world: World) -> None:
        ledger = world.pods.ledger
        self.chats = len(ledger.chats)
        self.let_go = sum(pod not in world.deeds.deleted for pod in ledger.stopped)
        self.busy_kills = len(ledger.killed_busy) + len(ledger.died_busy)
        self.counted = await world.operators.busy_kills()
        self.overtaken = len(overtaken(world))
        self.operators = world.operators.ended

    def summary(self) -> str:
        return (
            f"seed {self.seed}: {self.steps} steps in {self.seconds:.0f} s, {self.chats} chats, {self.let_go} pods let go, "
            f"{self.busy_kills} busy ones ended by the test, {self.overtaken} of them overtaken, "
            f"{self.operators} operators ended"
        )


async def run(world: World, seed: int, steps: int) -> Done:
    """Take the steps, then let everything come to rest.

    Raises:
        AssertionError: Something did not hold; the seed and the last steps are in its notes.
    """
    begun, done = time.monotonic(), Done(seed)
    try:
        await _take_steps(world, steps, done)
        await _come_to_rest(world)
    except BaseException as failed:
        failed.add_note(f"again: BRIDGE_RANDOM_SEED={seed}; after {done.steps} steps, the last of them:")
        failed.add_note("\n".join(done.last))
        failed.add_note(f"the operators' last words: {world.operators.last_words()}")
        raise
    done.seconds = time.monotonic() - begun
    await done.add_up(world)
    return done


async def _take_steps(world: World, steps: int, done: Done) -> None:
    kinds, weights, too_many = list(WEIGHTS), list(WEIGHTS.values()), TooMany(world)
    while done.steps < steps:
        (step,) = world.rng.choices(kinds, weights)
        what = await step(world)
        if what is None:
            continue
        done.steps += 1
        done.note(step.__name__, what)
        await _go_on(world, done)
        check_chats(world)
        if done.steps % COUNT_EVERY_STEPS == 0:
            await too_many.check()


async def _go_on(world: World, done: Done) -> None:
    world.traffic.move_on()
    if world.rng.random() < PAUSE_SHARE:
        await world.router.told.wait(LONGEST_PAUSE_SECONDS)
    if world.deeds.announced and await world.operators.leads_and_knows():
        for deed in await world.deeds.do(partial(all_is_counted, world)):
            done.note("deeds", deed)


async def _come_to_rest(world: World) -> None:
    """End load and faults, and wait until the fewest pods of the last revision are there, and nothing else."""
    world.proxy.mend()
    await world.operators.until_one_leads()
    await eventually(lambda: _no_deeds(world), within_seconds=PEACE_SECONDS, what="all announced deeds done")
    await _last_edits(world)
    await _peace(world, dict.fromkeys(POOLS, 1))
    await world.edit("asleep", autoscaling={"minInstances": 0})
    await _peace(world, {**dict.fromkeys(POOLS, 1), "asleep": 0})
    await all_is_counted(world)


async def _peace(world: World, least: dict[str, int]) -> None:
    async def rests() -> bool:
        for pool in POOLS:
            world.traffic.give_up_waiting(world.key(pool))
        world.traffic.end(1.0)
        mend_all(world)
        check_chats(world)
        return not await leftovers(world, least)

    try:
        await eventually(rests, within_seconds=PEACE_SECONDS, what="peace")
    except AssertionError as failed:
        failed.add_note(f"left over: {json.dumps(await leftovers(world, least), indent=1)}")
        raise


async def _no_deeds(world: World) -> bool:
    if await world.operators.leads_and_knows():
        await world.deeds.do(partial(all_is_counted, world))
    return not world.deeds.announced


async def _last_edits(world: World) -> None:
    """Edit the pools to one revision, nothing held, and one instance."""
    rollout = {"paused": False, "partition": 0, "maxSurge": 1, "progressDeadlineSeconds": 60}
    for name in POOLS:
        await world.edit(
            name, image=LAST_IMAGE, paused=False, rollout=rollout, autoscaling={"minInstances": 1}, replicas=1
        )
    world.paused.clear()
