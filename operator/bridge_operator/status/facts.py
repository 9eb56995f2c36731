"""What a pool's status is made from: the facts of one look, gathered by the reconciler."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bridge_operator.autoscaler.decision import Decision
from bridge_operator.status.reasons import INVALID_SETTINGS, PROGRESS_DEADLINE, Trouble, by_severity


class RolloutState(StrEnum):
    """The values are reasons of the condition `Progressing`."""

    DONE = "AsWanted"
    UNDER_WAY = "RollingOut"
    PAUSED = "RolloutPaused"
    PARTITIONED = "RolloutPartitioned"
    """As many instances as `rollout.partition` says stay old."""

    FAILED = PROGRESS_DEADLINE


class Rollout(NamedTuple):
    state: RolloutState = RolloutState.DONE
    message: str = ""


AS_WANTED = Rollout()


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFacts:
    wanted: int = 0
    replicas: int = 0
    """Pods that are there and not on their way out."""

    ready: int = 0
    """Those of them that can answer."""

    draining: int = 0
    """Pods that are cordoned to go, or on their way out."""

    template_hash: str = ""
    """Of the wanted revision."""

    models: tuple[str, ...] = ()
    decision: Decision | None = None
    """The autoscaler's; None: it has not decided yet."""

    held: str = ""
    """Why nobody goes though fewer are wanted."""

    load_trouble: str = ""
    """Which router is not heard, and why."""

    rollout: Rollout = AS_WANTED
    blocked: Trouble | None = None
    """Why the plan starts no instance though one is missing: no profile has room, a start is put off."""

    troubles: tuple[Trouble, ...] = ()
    """Of pods, ReplicaSets and instances."""

    refused: str = ""
    """What is wrong with the spec, where it cannot be carried out."""

    @property
    def all_troubles(self) -> list[Trouble]:
        """List everything that is wrong, worst first."""
        found = list(self.troubles)
        if self.refused:
            found.append(Trouble(INVALID_SETTINGS, self.refused))
        if self.rollout.state is RolloutState.FAILED:
            found.append(Trouble(PROGRESS_DEADLINE, self.rollout.message))
        return by_severity(found)
