"""A queue of keys that are to be looked at: each at most once at a time, again if it changed meanwhile, later if it failed.

Source: the work queue of Kubernetes' own controllers (client-go, `util/workqueue`): dirty, processing, and delayed keys.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

from bridge_api.pauses import pause_after
from bridge_runtime.kube import KubeError
from bridge_runtime.logs import get_logger

SHORTEST_PAUSE_SECONDS = 0.1
"""After a first failure: most are conflicts, which a fresh look mends."""

LONGEST_PAUSE_SECONDS = 10.0
"""What keeps failing is tried six times a minute or more, so that it goes on soon after the cause is gone."""

NOT_NOW_SECONDS = 1.0

Key = TypeVar("Key")

log = get_logger("operator")


class NotNow(Exception):
    """It is not this process's to do at present: nothing has failed."""


class WorkQueue(Generic[Key]):
    """Bounded by the keys there are; failures of one key hold back no other."""

    def __init__(
        self,
        work: Callable[[Key], Awaitable[float | None]],
        *,
        workers: int,
        clock: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        """`work` returns after how many seconds its key is to be looked at again, if nothing happens before."""
        self._work = work
        self._workers = workers
        self._clock = clock
        self._random = random
        self._dirty: dict[Key, float] = {}
        """Since when."""

        self._new: dict[Key, None] = {}
        """Those of them that have never been looked at: they go first, since somebody waits for them to begin."""

        self._known: set[Key] = set()
        """Those that have been, as long as their looks ask for another one."""

        self._running: set[Key] = set()
        self._later: dict[Key, asyncio.TimerHandle] = {}
        self._failures: dict[Key, int] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._dirty)

    def add(self, key: Key) -> None:
        """Have a key looked at as soon as may be. One that has failed waits for its time."""
        if key not in self._failures or key not in self._later:
            self._soon(key)

    def add_after(self, key: Key, seconds: float) -> None:
        """Have a key looked at after a while, or before that if it is added."""
        self._drop_timer(key)
        self._later[key] = asyncio.get_running_loop().call_later(seconds, self._soon, key)

    def clear(self) -> None:
        """Drop what waits: what has gathered while nobody worked is not late."""
        self._dirty.clear()
        self._new.clear()

    def oldest_seconds(self) -> float:
        """Return for how long the key has waited that waits longest; 0 where none does."""
        return self._clock() - min(self._dirty.values()) if self._dirty else 0.0

    async def run(self) -> None:
        """Work until cancelled; what is being worked on is cancelled too."""
        running: set[asyncio.Task[None]] = set()

        def ended(task: asyncio.Task[None]) -> None:
            running.discard(task)
            self._changed.set()

        try:
            while True:
                self._changed.clear()
                while len(running) < self._workers and (key := self._next()) is not None:
                    task = asyncio.create_task(self._one(key))
                    running.add(task)
                    task.add_done_callback(ended)
                await self._changed.wait()
        finally:
            for timer in self._later.values():
                timer.cancel()
            self._later.clear()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _soon(self, key: Key) -> None:
        self._drop_timer(key)
        self._dirty.setdefault(key, self._clock())
        if key not in self._known:
            self._new[key] = None
        self._changed.set()

    def _next(self) -> Key | None:
        waiting = itertools.chain(self._new, self._dirty)
        key = next((key for key in waiting if key not in self._running), None)
        if key is not None:
            del self._dirty[key]
            self._new.pop(key, None)
            self._known.add(key)
            self._running.add(key)
        return key

    async def _one(self, key: Key) -> None:
        try:
            again = await self._work(key)
        except NotNow as why:
            log.info("not reconciled", key=str(key), why=str(why), again_in_seconds=NOT_NOW_SECONDS)
            self.add_after(key, NOT_NOW_SECONDS)
        except Exception as failed:  # noqa: BLE001 - whatever is wrong with one pool, the others go on
            self._note_failure(key, failed)
        else:
            self._failures.pop(key, None)
            if again is None:
                self._known.discard(key)
            elif key not in self._dirty:
                self.add_after(key, again)
        finally:
            self._running.discard(key)

    def _note_failure(self, key: Key, failed: Exception) -> None:
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        pause = pause_after(
            failures,
            first_seconds=SHORTEST_PAUSE_SECONDS,
            longest_seconds=LONGEST_PAUSE_SECONDS,
            chance=self._random(),
        )
        if isinstance(failed, KubeError):
            pause = max(pause, min(failed.retry_after_seconds or 0.0, LONGEST_PAUSE_SECONDS))
            log.warning("not reconciled", key=str(key), why=str(failed), again_in_seconds=round(pause, 1))
        else:
            log.error("not reconciled", key=str(key), again_in_seconds=round(pause, 1), exc_info=failed)
        with suppress(KeyError):
            del self._dirty[key]  # it is looked at after the pause in any case
        self.add_after(key, pause)

    def _drop_timer(self, key: Key) -> None:
        if timer := self._later.pop(key, None):
            timer.cancel()
