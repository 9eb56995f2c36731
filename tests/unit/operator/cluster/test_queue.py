import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from structlog.testing import capture_logs

from bridge_operator.cluster.queue import LONGEST_PAUSE_SECONDS, NotNow, WorkQueue
from bridge_runtime.kube import KubeError
from tests.support.waiting import eventually


class Work:
    """Looks at keys as the test says, and remembers at which and how many at once."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.outcome: Callable[[str], float | None] = lambda _: None

    async def __call__(self, key: str) -> float | None:
        self.seen.append(key)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gate.wait()
            return self.outcome(key)
        finally:
            self.at_once -= 1


@asynccontextmanager
async def running(work: Work, *, workers: int = 4) -> AsyncIterator[WorkQueue[str]]:
    queue = WorkQueue(work, workers=workers, clock=time.monotonic, random=lambda: 0.5)
    task = asyncio.create_task(queue.run())
    try:
        yield queue
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_key_added_many_times_is_looked_at_once():
    work = Work()
    async with running(work) as queue:
        for _ in range(100):
            queue.add("a")
        await eventually(lambda: work.seen, what="the look")
        queue.add("b")
        await eventually(lambda: "b" in work.seen, what="the next look")
    assert work.seen == ["a", "b"]


async def test_a_key_that_changes_while_it_is_looked_at_is_looked_at_again_and_never_twice_at_once():
    work = Work()
    work.gate.clear()
    async with running(work) as queue:
        queue.add("a")
        await eventually(lambda: work.at_once == 1, what="the first look")
        queue.add("a")
        queue.add("a")
        work.gate.set()
        await eventually(lambda: len(work.seen) == 2, what="the second look")
    assert work.most_at_once == 1


async def test_no_more_keys_than_workers_are_looked_at_at_once():
    work = Work()
    work.gate.clear()
    async with running(work, workers=3) as queue:
        for number in range(10):
            queue.add(str(number))
        await eventually(lambda: work.at_once == 3, what="three looks")
        work.gate.set()
        await eventually(lambda: len(work.seen) == 10, what="all looks")
    assert work.most_at_once == 3


async def test_a_failing_key_is_tried_again_and_holds_back_no_other():
    work = Work()
    failures = iter([True, True, False])

    def outcome(key: str) -> None:
        if key == "bad" and next(failures):
            raise KubeError(500, "InternalError", "no")

    work.outcome = outcome
    async with running(work) as queue:
        queue.add("bad")
        queue.add("good")
        await eventually(lambda: work.seen.count("bad") == 3, what="the third try")
    assert work.seen.count("good") == 1


async def test_a_failed_key_waits_even_if_it_changes_meanwhile():
    work = Work()

    def refused(_: str) -> None:
        raise KubeError(429, "TooManyRequests", "later", retry_after_seconds=LONGEST_PAUSE_SECONDS)

    work.outcome = refused
    async with running(work) as queue:
        queue.add("a")
        await eventually(lambda: len(work.seen) == 1 and work.at_once == 0, what="the failure")
        queue.add("a")
        work.outcome = lambda _: None
        queue.add("b")
        await eventually(lambda: "b" in work.seen, what="another look")
    assert work.seen == ["a", "b"]


async def test_a_change_during_a_second_try_is_not_lost():
    work = Work()
    outcomes = iter([KubeError(500, "InternalError", "no"), None, None])

    def outcome(_: str) -> None:
        if (failed := next(outcomes)) is not None:
            raise failed

    work.outcome = outcome
    async with running(work) as queue:
        queue.add("a")
        await eventually(lambda: len(work.seen) == 1 and work.at_once == 0, what="the failure")
        work.gate.clear()
        await eventually(lambda: work.at_once == 1, what="the second try")
        queue.add("a")
        work.gate.set()
        await eventually(lambda: len(work.seen) == 3, what="the look for the sake of the change")


async def test_a_key_comes_back_after_the_time_that_its_look_asked_for():
    work = Work()
    times = iter([0.01, None])
    work.outcome = lambda _: next(times)
    async with running(work) as queue:
        queue.add("a")
        await eventually(lambda: len(work.seen) == 2, what="the second look")


async def test_the_age_of_the_oldest_waiting_key_is_known():
    now = 100.0
    queue = WorkQueue(Work(), workers=1, clock=lambda: now, random=lambda: 0.5)
    assert queue.oldest_seconds() == 0.0
    queue.add("a")
    now = 130.0
    queue.add("b")
    queue.add("a")
    assert queue.oldest_seconds() == 30.0


async def test_a_key_that_was_never_looked_at_goes_before_those_that_were():
    work = Work()
    work.outcome = lambda _: 1000.0
    async with running(work, workers=1) as queue:
        queue.add("old")
        await eventually(lambda: work.seen == ["old"] and not work.at_once, what="the first look")
        work.gate.clear()
        queue.add("blocking")
        await eventually(lambda: work.at_once == 1, what="the look that keeps the worker busy")
        queue.add("old")
        queue.add("new")
        work.gate.set()
        await eventually(lambda: len(work.seen) == 4, what="all looks")
    assert work.seen == ["old", "blocking", "new", "old"]


async def test_a_new_key_that_fails_waits_like_any_other():
    work, fails = Work(), True

    def outcome(_: str) -> float:
        if fails:
            raise KubeError(409, "Conflict", "changed meanwhile")
        return 1000.0

    work.outcome = outcome
    work.gate.clear()
    async with running(work, workers=1) as queue:
        queue.add("a")
        await eventually(lambda: work.at_once == 1, what="the first look")
        queue.add("a")
        work.gate.set()
        await eventually(lambda: not work.at_once, what="its failure")
        fails = False
        await eventually(lambda: len(work.seen) == 2, what="the next try")


async def test_what_has_gathered_before_is_not_late_once_it_is_dropped():
    now = 100.0
    work = Work()
    queue = WorkQueue(work, workers=1, clock=lambda: now, random=lambda: 0.5)
    queue.add("a")
    now = 7300.0
    queue.clear()
    queue.add("a")
    assert queue.oldest_seconds() == 0.0
    task = asyncio.create_task(queue.run())
    try:
        await eventually(lambda: work.seen == ["a"], what="the look")
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_what_is_not_to_be_done_now_is_no_failure():
    work = Work()
    outcomes = iter([NotNow("another one leads"), None])

    def outcome(_: str) -> None:
        if (failed := next(outcomes)) is not None:
            raise failed

    work.outcome = outcome
    with capture_logs() as lines:
        async with running(work) as queue:
            queue.add("a")
            await eventually(lambda: len(work.seen) == 1 and work.at_once == 0, what="the first look")
            queue.add("a")
            await eventually(lambda: len(work.seen) == 2, what="the next look, without a pause")
    assert [(line["log_level"], line["why"]) for line in lines] == [("info", "another one leads")]
