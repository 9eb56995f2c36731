"""A lone router never asks an instance for a slot that it does not have, however events interleave."""

from collections import deque
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bridge_api.wire.instance import InstanceStatus
from bridge_router.core.endpoint import Lease
from bridge_router.core.pool import Settled
from bridge_router.core.waiting import Ticket
from tests.unit.router.worlds import BUSY, READY, RECYCLING, make_pool, make_status

CONVERSATIONS = st.sampled_from([None, "x", "y"])

STEP = 1 / 16
"""Seconds; times are whole steps, which floats hold exactly."""

LONGEST_WAY = 3 * STEP
"""Seconds that a request or a status line may be on its way, below half of the grace that a lost head gets."""


@dataclass(eq=False)
class Call:
    """One request on its way, at the pod, or on its way back."""

    lease: Lease
    sent_at: float
    continues: str | None = None
    arrived: bool = False
    busy_version: int | None = None
    over_at_pod: bool = False
    head_seen: bool = False
    over_at_router: bool = False

    @property
    def done(self) -> bool:
        return self.over_at_router and self.over_at_pod


@dataclass(eq=False)
class ModelPod:
    """What a pod does with slots, leases and versions, and nothing else."""

    name: str
    slots: list[str | None]
    recycling: set[int] = field(default_factory=set)
    held: dict[int, str] = field(default_factory=dict)
    """What the pages of free slots hold."""

    version: int = 1
    boot: int = 1
    up: bool = True
    heard: bool = False
    lines: deque[tuple[InstanceStatus, float]] = field(default_factory=deque)

    def status(self) -> InstanceStatus:
        states = [
            RECYCLING if n in self.recycling else BUSY if lease else READY
            for n, lease in enumerate(self.slots)
        ]
        status = make_status(*states, version=self.version, boot=f"boot-{self.boot}", leases=self.slots)
        slots = [s.model_copy(update={"conversation": self.held.get(s.slot)}) for s in status.slots]
        return status.model_copy(update={"slots": slots})

    def say(self, now: float) -> None:
        self.lines.append((self.status(), now))

    def change(self, now: float) -> None:
        self.version += 1
        self.say(now)

    def take(self, lease: str, now: float, continues: str | None) -> int:
        free = [n for n, holder in enumerate(self.slots) if holder is None and n not in self.recycling]
        assert free, f"slots_full at {self.name}"
        slot = min(free, key=lambda n: (self.held.get(n) != continues, n in self.held))
        self.held.pop(slot, None)
        self.slots[slot] = lease
        self.change(now)
        return self.version

    def give(self, lease: str, now: float, *, recycle: bool, holds: str | None = None) -> None:
        slot = self.slots.index(lease)
        self.slots[slot] = None
        if recycle:
            self.recycling.add(slot)
        elif holds is not None:
            self.held[slot] = holds
        self.change(now)


class LoneRouter(RuleBasedStateMachine):
    """One router, some pods, and whatever order things happen in."""

    @initialize(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=3))
    def start(self, sizes: list[int]) -> None:
        self.now = 0.0
        self.pods = {f"pod-{n}": ModelPod(f"pod-{n}", [None] * size) for n, size in enumerate(sizes)}
        self.pool = make_pool(instances=tuple(self.pods))
        self.calls: list[Call] = []
        for pod in self.pods.values():
            pod.say(self.now)

    def _take_in(self, settled: Settled) -> None:
        for ticket, outcome in settled:
            assert isinstance(outcome, Lease)
            self.calls.append(Call(outcome, self.now, ticket.conversation))

    def _pod(self, call: Call) -> ModelPod:
        return self.pods[call.lease.endpoint.instance]

    def _some(self, data: st.DataObject, calls: list[Call]) -> Call | None:
        return data.draw(st.sampled_from(calls)) if calls else None

    @rule(conversation=CONVERSATIONS)
    def ask(self, conversation: str | None) -> None:
        ticket = Ticket("m")
        ticket.conversation = conversation
        self._take_in(self.pool.enter(ticket, self.now))

    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        if call := self._some(data, [c for c in self.calls if not c.arrived]):
            self._arrive(call)

    def _arrive(self, call: Call) -> None:
        call.arrived = True
        pod = self._pod(call)
        if pod.up:
            call.busy_version = pod.take(call.lease.id, self.now, call.continues)
            return
        call.over_at_pod = True
        self._end(call)
        self._lose(pod)

    @rule(data=st.data())
    def see_head(self, data: st.DataObject) -> None:
        waiting = [
            c for c in self.calls if c.busy_version is not None and not c.head_seen and not c.over_at_router
        ]
        if call := self._some(data, waiting):
            self._see_head(call)

    def _see_head(self, call: Call) -> None:
        assert call.busy_version is not None
        call.head_seen = True
        self._take_in(self.pool.known_busy(call.lease, call.busy_version, self.now))

    @rule(data=st.data(), recycle=st.booleans(), holds=CONVERSATIONS)
    def finish_at_pod(self, data: st.DataObject, recycle: bool, holds: str | None) -> None:
        """The answer ends, or the pod notices that the router has hung up."""
        if call := self._some(data, [c for c in self.calls if c.arrived and not c.over_at_pod]):
            call.over_at_pod = True
            self._pod(call).give(call.lease.id, self.now, recycle=recycle, holds=holds)

    @rule(data=st.data())
    def open_anew(self, data: st.DataObject) -> None:
        """A page gives up what it holds; its slot is Ready all the while."""
        if pods := [pod for pod in self.pods.values() if pod.held]:
            pod = data.draw(st.sampled_from(pods))
            pod.held.popitem()
            pod.change(self.now)

    @rule(data=st.data())
    def see_end(self, data: st.DataObject) -> None:
        if call := self._some(data, [c for c in self.calls if c.over_at_pod and not c.over_at_router]):
            if call.busy_version is not None and not call.head_seen:
                self._see_head(call)
            self._end(call)

    @rule(data=st.data())
    def hang_up(self, data: st.DataObject) -> None:
        """The client leaves, at any time."""
        if call := self._some(data, [c for c in self.calls if not c.over_at_router]):
            self._end(call)

    def _end(self, call: Call) -> None:
        if not call.over_at_router:
            call.over_at_router = True
            self._take_in(self.pool.release(call.lease, self.now))

    @rule(data=st.data())
    def recycled(self, data: st.DataObject) -> None:
        if pods := [pod for pod in self.pods.values() if pod.recycling]:
            pod = data.draw(st.sampled_from(pods))
            pod.recycling.pop()
            pod.change(self.now)

    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        if pods := [pod for pod in self.pods.values() if pod.lines]:
            self._deliver(data.draw(st.sampled_from(pods)))

    def _deliver(self, pod: ModelPod) -> None:
        status, _ = pod.lines.popleft()
        first, pod.heard = not pod.heard, True
        self._take_in(self.pool.see(pod.name, status, self.now, first=first))

    @rule(data=st.data())
    def repeat_status(self, data: st.DataObject) -> None:
        """Pods say how they are even when nothing has changed."""
        if pods := [pod for pod in self.pods.values() if pod.up]:
            data.draw(st.sampled_from(pods)).say(self.now)

    @rule(seconds=st.sampled_from([STEP, 3 * STEP, 10 * STEP]))
    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP)):
            self.now += STEP
            self._catch_up()

    def _catch_up(self) -> None:
        """Let arrive what has been on its way for as long as that takes."""
        for call in [c for c in self.calls if not c.arrived and self.now - c.sent_at >= LONGEST_WAY]:
            self._arrive(call)
        for pod in self.pods.values():
            while pod.lines and self.now - pod.lines[0][1] >= LONGEST_WAY:
                self._deliver(pod)

    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        if pods := [pod for pod in self.pods.values() if pod.up]:
            pod = data.draw(st.sampled_from(pods))
            pod.up = False
            pod.slots = [None] * len(pod.slots)
            pod.recycling.clear()
            pod.held.clear()
            for call in self.calls:
                if call.arrived and self._pod(call) is pod:
                    call.over_at_pod = True

    @rule(data=st.data())
    def restart(self, data: st.DataObject) -> None:
        """A process takes longer to come than a request to be refused."""
        if pods := [pod for pod in self.pods.values() if not pod.up]:
            pod = data.draw(st.sampled_from(pods))
            self._lose(pod)
            for call in self.calls:
                if self._pod(call) is pod and not call.arrived:
                    call.arrived = call.over_at_pod = True
                    self._end(call)
            pod.up = True
            pod.boot += 1
            pod.version = 1
            pod.say(self.now)

    def _lose(self, pod: ModelPod) -> None:
        pod.lines.clear()
        pod.heard = False
        self._take_in(self.pool.disconnect(pod.name, self.now))

    @invariant()
    @precondition(lambda self: hasattr(self, "pool"))
    def forget_what_is_over(self) -> None:
        self.calls = [call for call in self.calls if not call.done]

    def teardown(self) -> None:
        """Nothing is lost for good: once all is quiet, every slot is free again."""
        if not hasattr(self, "pool"):
            return
        for _ in range(len(self.pool.waiting) + len(self.calls) + 1):
            self._let_everything_end()
        assert self.pool.in_flight == 0
        self._let_everything_end()
        assert self.pool.free_slots == sum(len(pod.slots) for pod in self.pods.values())

    def _let_everything_end(self) -> None:
        for pod in self.pods.values():
            if not pod.up:
                self._lose(pod)
                pod.up, pod.boot, pod.version = True, pod.boot + 1, 1
        self.wait(1.0)
        for call in list(self.calls):
            if call.arrived and not call.over_at_pod:
                call.over_at_pod = True
                self._pod(call).give(call.lease.id, self.now, recycle=False)
            if call.over_at_pod:
                self._end(call)
        self.calls = [call for call in self.calls if not call.done]
        for pod in self.pods.values():
            pod.recycling.clear()
            pod.change(self.now)
        self.wait(1.0)
        for pod in self.pods.values():
            pod.say(self.now)
        self.wait(1.0)


LoneRouter.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestALoneRouterNeverAsksForASlotThatIsNotThere = LoneRouter.TestCase
