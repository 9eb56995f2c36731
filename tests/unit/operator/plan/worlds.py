"""Worlds to make plans for: instances in a line each, and a world that does what a plan says."""

import dataclasses

from bridge_operator.plan import (
    CORDON_SECONDS,
    Action,
    ObservedInstance,
    Verb,
    WantedPool,
    WantedProfile,
    make_plan,
)

POOL = "default/demo"
NOW = 100.0
UNNAMED = WantedProfile("", "new")


def wanted(instances: int, *profiles: WantedProfile, **rollout: object) -> WantedPool:
    pool = WantedPool(POOL, instances, profiles or (UNNAMED,))
    return dataclasses.replace(pool, **rollout)  # type: ignore[arg-type]


def new(name: str, **differences: object) -> ObservedInstance:
    """Make a ready and idle instance that is as wanted; a letter before the name's number is its profile's."""
    profile = name[0] if name[1:].isdigit() else ""
    ready = ObservedInstance(name, POOL, "new", started_at=0.0, profile=profile, ready=True)
    return dataclasses.replace(ready, **differences)  # type: ignore[arg-type]


def old(name: str, **differences: object) -> ObservedInstance:
    return new(name, **{"template_hash": "old", **differences})


def starting(name: str) -> ObservedInstance:
    return new(name, ready=False)


def leaving(one: ObservedInstance) -> ObservedInstance:
    return dataclasses.replace(one, cordon_until=NOW + CORDON_SECONDS)


def draining(one: ObservedInstance) -> ObservedInstance:
    return dataclasses.replace(one, drain_until=NOW + 100)


def chatting(one: ObservedInstance, slots: int = 1) -> ObservedInstance:
    return dataclasses.replace(one, busy_slots=slots)


def short(actions: list[Action]) -> list[str]:
    """Write a plan as its verbs with whom they are about and why."""
    return [
        " ".join(
            part for part in (action.verb.value, action.instance or action.profile, action.reason) if part
        )
        for action in actions
    ]


class World:
    """Does at once what a plan says: what starts is ready a step later, what drains is gone a step later."""

    def __init__(self, pool: WantedPool, instances: list[ObservedInstance]) -> None:
        self.pool = pool
        self.there = {one.name: one for one in instances}
        self.stays_unready: set[str] = set()
        self._born = 0

    @property
    def live(self) -> list[ObservedInstance]:
        return [one for one in self.there.values() if not one.draining]

    @property
    def ready_serving(self) -> int:
        return sum(one.ready and not one.leaving for one in self.live)

    @property
    def revisions(self) -> list[str]:
        return sorted(one.template_hash for one in self.there.values())

    def plan(self) -> list[Action]:
        return make_plan([self.pool], list(self.there.values()), NOW)

    def step(self) -> list[Action]:
        plan = self.plan()
        self.pass_time()
        self.carry_out(plan)
        return plan

    def settle(self, steps: int = 60) -> list[Action]:
        """Step until the world stays as it is, and return the last plan."""
        for _ in range(steps):
            before = dict(self.there)
            plan = self.step()
            if self.there == before:
                return plan
        message = f"not settled after {steps} steps: {self.there}"
        raise AssertionError(message)

    def pass_time(self) -> None:
        self.there = {one.name: one for one in self.live}
        for one in self.live:
            self.change(one.name, ready=one.name not in self.stays_unready)

    def carry_out(self, plan: list[Action]) -> None:
        for action in plan:
            match action.verb:
                case Verb.START:
                    self._start(action)
                case Verb.CORDON:
                    self.change(action.instance, cordon_until=NOW + CORDON_SECONDS)
                case Verb.UNCORDON:
                    self.change(action.instance, cordon_until=None)
                case Verb.DRAIN:
                    self.change(action.instance, drain_until=NOW + 100)
                case Verb.STOP:
                    del self.there[action.instance]
                case Verb.NONE:
                    pass

    def change(self, name: str, **differences: object) -> None:
        self.there[name] = dataclasses.replace(self.there[name], **differences)  # type: ignore[arg-type]

    def _start(self, action: Action) -> None:
        self._born += 1
        name = f"{action.profile or 'n'}{100 + self._born}"
        self.there[name] = ObservedInstance(
            name,
            POOL,
            action.template_hash,
            started_at=NOW + self._born,
            profile=action.profile,
        )
