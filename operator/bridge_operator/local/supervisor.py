"""The reconcile loop of local mode: observe, make a plan, apply it, whenever something has happened."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import aiohttp

from bridge_api.pool import BridgeInstancePool
from bridge_operator.autoscaler import Decision, Load
from bridge_operator.autoscaler.load import add_up
from bridge_operator.load_feed import LoadFeed
from bridge_operator.local.commands import Commands
from bridge_operator.local.instance import Birth, Instance
from bridge_operator.local.names import instance_name
from bridge_operator.local.registry import RegistryFile, make_registry
from bridge_operator.local.run_dir import RunDir
from bridge_operator.local.scaling import Scaling
from bridge_operator.local.secrets import LOOK_AGAIN_SECONDS, SecretsDir
from bridge_operator.local.wanted import WantedPools
from bridge_operator.plan import Action, Verb, make_plan
from bridge_runtime.child import Say
from bridge_runtime.logs import get_logger

WORTH_TELLING = ("WaitingForReady", "WaitingForDrain", "RolloutPaused", "Partition")
"""Reasons to wait that a person does not see from the other lines."""

HELD_BACK = ("TooManyInstances", "ProfileLimit", "ScaleUpLimit", "ScaleDownLimit", "Paused")
"""Reasons of an unchanged number that a person may want to do something about."""

log = get_logger("operator")


@dataclass(frozen=True, slots=True)
class World:
    """What the supervisor acts upon."""

    run_dir: RunDir
    commands: Commands
    session: aiohttp.ClientSession
    say: Say
    rng: random.Random
    clock: Callable[[], float]
    epoch: int
    """The term of this backend: later ones have a higher number."""

    secrets: SecretsDir


class Supervisor:
    def __init__(self, world: World) -> None:
        self.instances: dict[str, Instance] = {}
        self.wanted = WantedPools(random=world.rng.random)
        self.scaling = Scaling()
        self.scaled: Counter[tuple[str, str]] = Counter()
        """Changes of the wanted number by pool and reason."""

        self.feed = LoadFeed(world.session, world.run_dir.load_token, world.clock, self.wake)
        self._world = world
        self._registry = RegistryFile(world.run_dir.registry_file)
        self._woken = asyncio.Event()
        self._leaving = False
        self._told: dict[str, str] = {}
        self._given_up: set[str] = set()

    def want(self, pools: Iterable[BridgeInstancePool]) -> list[str]:
        """Want these pools from now on; returns what has changed."""
        changes = self.wanted.replace(pools)
        for pool in self.wanted.pools.values():
            self._world.run_dir.write_pool(pool)  # running instances follow their file
        for instance in self.instances.values():
            if current := self.wanted.pools.get(instance.birth.pool):
                instance.drain_seconds = current.spec.drain.timeout_seconds
        self._scale(self._world.clock())
        self.wake()
        return changes

    def wake(self) -> None:
        """Look again: something has happened."""
        self._publish()
        self._woken.set()

    async def run(self) -> None:
        """Reconcile until told to drain, then wait until the last instance has ended."""
        async with asyncio.TaskGroup() as lives:
            while not self._leaving or self.instances:
                self._woken.clear()
                delay = self._reconcile(lives)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), delay)

    def drain(self) -> None:
        """Let every instance finish its chats and end; none is started any more."""
        self._leaving = True
        for instance in self.instances.values():
            instance.drain()
        self.wake()

    async def stop(self) -> None:
        """End every instance at once."""
        self._leaving = True
        await asyncio.gather(*(instance.stop() for instance in self.instances.values()))
        self.wake()

    def _reconcile(self, lives: asyncio.TaskGroup) -> float | None:
        """Apply the plan of this moment, and return after how many seconds to look again (None: at the next event)."""
        now = self._world.clock()
        if not self._leaving:
            self._scale(now)
            self._note_those_given_up()
        obstacles = {} if self._leaving else self._world.secrets.look(self.wanted.pools.values())
        wanted = [] if self._leaving else self.wanted.for_plan(self.scaling.desired, obstacles)
        plan = make_plan(wanted, [instance.observe() for instance in self.instances.values()], now)
        for action in plan:
            self._apply(action, lives)
        self._publish()
        delays = [action.until - now for action in plan if action.until is not None]
        return min([*delays, LOOK_AGAIN_SECONDS] if obstacles else delays, default=None)

    def _scale(self, now: float) -> None:
        """Let the autoscaler decide how many instances each pool wants."""
        for pool, decision in self.scaling.settle(self.wanted.pools.values(), self._load, now).items():
            changed = decision.value != decision.current
            if changed:
                self.scaled[pool, decision.reason] += 1
            self._tell_of_scaling(pool, decision)

    def _load(self, pool: str) -> Load | None:
        observed = [one.observe() for one in self.instances.values() if one.birth.pool == pool]
        ready = sum(one.ready and not one.draining for one in observed)
        return add_up([self.feed.heard], pool, self._world.clock(), ready_instances=ready)

    def _tell_of_scaling(self, pool: str, decision: Decision) -> None:
        why = {"reason": decision.reason, "why": decision.message}
        if decision.value != decision.current:
            log.info("scaling", pool=pool, instances=f"{decision.current} → {decision.value}", **why)
        else:
            tell = log.info if decision.reason in HELD_BACK else log.debug
            tell("not scaling", pool=pool, instances=decision.current, **why)

    def _apply(self, action: Action, lives: asyncio.TaskGroup) -> None:
        match action.verb:
            case Verb.START:
                self._start(action, lives)
            case Verb.CORDON:
                self._tell("cordoning an instance", action, action.instance)
                instance = self.instances[action.instance]
                lives.create_task(instance.cordon(self._world.session))
            case Verb.UNCORDON:
                self._tell("taking an instance back", action, action.instance)
                instance = self.instances[action.instance]
                lives.create_task(instance.uncordon(self._world.session))
            case Verb.DRAIN:
                self._tell("draining an instance", action, action.instance)
                self.instances[action.instance].drain()
            case Verb.STOP:
                self._tell("stopping an instance", action, action.instance)
                lives.create_task(self.instances[action.instance].stop())
            case Verb.NONE:
                self._tell_of_waiting(action)

    def _tell(self, event: str, action: Action, instance: str) -> None:
        profile = {"profile": action.profile} if action.profile else {}
        log.info(
            event, instance=instance, pool=action.pool, **profile, reason=action.reason, why=action.message
        )
        self._told.pop(action.pool, None)

    def _tell_of_waiting(self, action: Action) -> None:
        """Log why a rollout does not go on, once for each reason."""
        if action.reason not in WORTH_TELLING or self._told.get(action.pool) == action.reason:
            return
        self._told[action.pool] = action.reason
        log.info("waiting", pool=action.pool, reason=action.reason, why=action.message)

    def _start(self, action: Action, lives: asyncio.TaskGroup) -> None:
        key = action.pool
        pool = self.wanted.pools[key]
        name = instance_name(pool.metadata.name, set(self.instances), self._world.rng)
        birth = Birth(
            name=name,
            pool=key,
            profile=action.profile,
            template_hash=action.template_hash,
            command=self._world.commands.instance(
                name, key, action.profile, self._world.secrets.proxy_dir(pool, action.profile)
            ),
            token=self._world.run_dir.token_of(pool),
            started_at=self._world.clock(),
            epoch=self._world.epoch,
            scratch=self._world.run_dir.scratch(name),
        )
        drain_seconds = pool.spec.drain.timeout_seconds
        instance = Instance(birth, drain_seconds, changed=self.wake, clock=self._world.clock)
        self.instances[name] = instance
        lives.create_task(self._live(instance))
        self._tell("starting an instance", action, name)

    async def _live(self, instance: Instance) -> None:
        try:
            how = await instance.run(self._world.session, self._world.say)
        except OSError as refused:
            how = f"could not be started: {refused}"
        finally:
            del self.instances[instance.birth.name]
        self._note_end(instance, how)
        self.wake()

    def _note_end(self, instance: Instance, how: str) -> None:
        if self._leaving or (instance.drain_until is not None and not instance.given_up):
            log.info("an instance has left", instance=instance.birth.name, pool=instance.birth.pool, how=how)
            return
        if not instance.given_up:
            self._note_failure("an instance died", instance, how)

    def _note_failure(self, event: str, instance: Instance, how: str) -> None:
        """Hold back the next start of its pool, longer each time."""
        name, pool = instance.birth.name, instance.birth.pool
        healthy_seconds = instance.healthy_seconds
        delay = self.wanted.note_death(pool, now=self._world.clock(), healthy_seconds=healthy_seconds)
        log.warning(event, instance=name, pool=pool, how=how, next_start_in_seconds=round(delay, 1))

    def _note_those_given_up(self) -> None:
        """Count them when they say so, not when their last chat has ended: their successors start before that."""
        for name, instance in self.instances.items():
            if instance.given_up and name not in self._given_up:
                self._given_up.add(name)
                self._note_failure("an instance has given itself up", instance, instance.given_up)
        self._given_up &= self.instances.keys()

    def _publish(self) -> None:
        pools = self.wanted.pools.values()
        self._registry.publish(make_registry(pools, self.instances.values(), self.scaling.desired))
