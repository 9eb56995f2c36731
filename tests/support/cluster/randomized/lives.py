"""Operators one after the other: one leads, one stands by, and what each has counted is added up over all of them."""

import signal
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from tests.support.cluster.api import Api, path_of
from tests.support.cluster.operators import OperatorProcess
from tests.support.waiting import eventually

KILLS = "bridge_operator_busy_kills_total{"
LEASE = "bridge-operator"
TAKE_OVER_SECONDS = 60.0
HEARD_FROM_ALL_SECONDS = 1.5
LAST_WORDS = 4000

Start = Callable[[], Awaitable[OperatorProcess]]


class OperatorLives:
    def __init__(self, api: Api, namespace: str, start: Start) -> None:
        self.ended = 0
        self._lease = path_of("coordination.k8s.io/v1", "leases", namespace, LEASE)
        self._api = api
        self._start = start
        self._living: list[OperatorProcess] = []
        self._kills_of_the_ended = 0
        self._seen_leading: OperatorProcess | None = None
        self._seen_at = 0.0

    async def begin(self) -> None:
        """Have one that leads, and one that stands by."""
        self._living.append(await self._start())
        await self.until_one_leads()
        self._living.append(await self._start())

    async def close(self) -> None:
        for operator in self._living:
            await operator.part.stop()

    async def until_one_leads(self) -> None:
        await eventually(self.leads, within_seconds=TAKE_OVER_SECONDS, what="an operator leading")

    async def leads(self) -> bool:
        return await self._leader() is not None

    async def leads_and_knows(self) -> bool:
        """Tell whether one has led for long enough to have heard from every pod: one that begins knows no chat."""
        leader = await self._leader()
        if leader is not self._seen_leading:
            self._seen_leading, self._seen_at = leader, time.monotonic()
        return leader is not None and time.monotonic() - self._seen_at > HEARD_FROM_ALL_SECONDS

    async def can_hand_over(self) -> bool:
        """Tell whether one leads, and the other one knows enough to follow it."""
        for one in self._living:
            code, _ = await one.answers("/readyz")
            if code != HTTPStatus.OK:
                return False
        return await self.leads()

    async def _leader(self) -> OperatorProcess | None:
        for one in self._living:
            ended = one.part.process.returncode is not None
            assert not ended, f"an operator has ended by itself: {one.part.text[-LAST_WORDS:]}"
        leaders = [one for one in self._living if await one.leads()]
        assert len(leaders) < 2, "two operators lead"
        return leaders[0] if leaders else None

    async def busy_kills(self) -> int:
        """Add up what all of them have counted."""
        return self._kills_of_the_ended + sum([await _kills(one) for one in self._living])

    async def end_the_leader(self, number: signal.Signals) -> None:
        """End the one that leads; the other one follows as soon as it may, and a new one stands by."""
        leader = await self._leader()
        assert leader is not None
        self._living.remove(leader)
        self._kills_of_the_ended += await _kills(leader)
        leader.part.send(number)
        await leader.part.ended()
        await leader.part.stop()
        self.ended += 1
        if number is signal.SIGKILL:
            await self._let_the_lease_run_out()
        self._living.append(await self._start())

    def last_words(self) -> str:
        return "\n".join(one.part.text[-LAST_WORDS:] for one in self._living)

    async def _let_the_lease_run_out(self) -> None:
        """Spare the test the fifteen seconds after which a dead leader's Lease is taken."""
        await self._api.patch(self._lease, {"spec": {"holderIdentity": "", "leaseDurationSeconds": 1}})


async def _kills(operator: OperatorProcess) -> int:
    _, metrics = await operator.answers("/metrics")
    lines = [line for line in metrics.splitlines() if line.startswith(KILLS)]
    return round(sum(float(line.rpartition(" ")[2]) for line in lines))
