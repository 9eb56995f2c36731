"""Which step follows a failure: the same thing anew up to a bound, then the next larger one, after longer pauses."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bridge_api.pauses import pause_after

STEADY_SECONDS: Final = 60.0
"""What comes so long after the last failure is a new trouble, not the same one again."""

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0


class Step(StrEnum):
    """What is made anew, smallest first; each takes everything before it along."""

    PAGE = "page"
    CONTEXT = "context"
    BROWSER = "browser"
    DRIVER = "driver"
    INSTANCE = "instance"
    """The process ends; whoever has started it starts another one."""


STEPS: Final = tuple(Step)

TRIES: Final = {Step.PAGE: 2, Step.CONTEXT: 2, Step.BROWSER: 2, Step.DRIVER: 3}
"""How often each is made anew in a row before the next larger one is."""


@dataclass(frozen=True, slots=True)
class Decision:
    step: Step
    """What is to be made anew."""

    reason: str
    """What has failed, as one CamelCase word."""

    message: str
    delay_seconds: float = 0.0


class Ladder:
    """Counts failures in a row. `random` gives numbers in [0, 1): slots that fail together need not be back together."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._last = float("-inf")
        self._begin()

    def after(self, failed: Step, reason: str, now: float, *, proved_at: float = float("-inf")) -> Decision:
        """Decide what follows the failure of a step's thing; `proved_at` is when it last worked."""
        if proved_at > self._last or now - self._last > STEADY_SECONDS:
            self._begin()
        self._last = now
        pause = self._pause()
        self._failures += 1
        self._climb_to(failed)
        if self._step is Step.INSTANCE:
            message = f"{reason}: {self._failures} failures in a row, after {TRIES[Step.DRIVER]} new drivers"
        else:
            message = f"{reason}: a new {self._step} ({self._tries} of {TRIES[self._step]} in a row)"
        return Decision(self._step, reason, message, pause)

    def _begin(self) -> None:
        self._step = Step.PAGE
        self._tries = 0
        self._failures = 0

    def _climb_to(self, failed: Step) -> None:
        if STEPS.index(failed) > STEPS.index(self._step):
            self._step, self._tries = failed, 0
        if self._tries >= TRIES.get(self._step, 0) and self._step is not Step.INSTANCE:
            self._step, self._tries = STEPS[STEPS.index(self._step) + 1], 0
        self._tries += 1

    def _pause(self) -> float:
        if self._failures == 0:
            return 0.0
        return pause_after(
            self._failures,
            first_seconds=FIRST_PAUSE_SECONDS,
            longest_seconds=LONGEST_PAUSE_SECONDS,
            chance=self._random(),
        )
