"""Which pods a ReplicaSet deletes when it has to have fewer, as far as that is certain beforehand.

Its controller deletes the pods that come first in this order: without a node, Pending before Unknown before Running, not ready
before ready, the lower deletion cost. Whatever it looks at after that (siblings on the node, rounded ages, restarts) may differ
between its cache and ours: pods that are equal up to there are not told apart here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

PHASES = ("Pending", "Unknown", "Running")
"""From first to last to go; a pod that has Succeeded or Failed no longer counts."""


@dataclass(frozen=True, slots=True)
class ReplicaPod:
    name: str
    phase: str
    assigned: bool
    """It has a node."""

    ready: bool
    deletion_cost: int = 0
    terminating: bool = False

    @property
    def counts(self) -> bool:
        return not self.terminating and self.phase in PHASES

    @property
    def rank(self) -> tuple[bool, int, bool, int]:
        return self.assigned, PHASES.index(self.phase), self.ready, self.deletion_cost


class Certainty(NamedTuple):
    certain: bool
    reason: str
    message: str


def first_to_go(pods: Sequence[ReplicaPod], victims: Collection[str], replicas: int) -> Certainty:
    """Tell whether exactly the victims go when `replicas`, as the ReplicaSet has it now, gets smaller by their number."""
    counted = [pod for pod in pods if pod.counts]
    there = {pod.name for pod in counted}
    missing = sorted(set(victims) - there)
    if missing:
        return Certainty(False, "AlreadyGone", f"{', '.join(missing)} no longer counts as a replica")
    if len(counted) != replicas:
        return Certainty(
            False, "NotSettled", f"{len(counted)} pods are there, and the ReplicaSet is to have {replicas}"
        )
    return _against_the_rest(counted, set(victims))


def still_unmade(pods: Sequence[ReplicaPod], unmade: int, replicas: int) -> Certainty:
    """Tell whether so many of `replicas` are still to be made: otherwise one that is there would go in their place."""
    there = sum(pod.counts for pod in pods)
    if there > replicas - unmade:
        return Certainty(
            False,
            "MadeMeanwhile",
            f"{there} pods are there, where {replicas - unmade} of {replicas} were seen",
        )
    return Certainty(True, "Certain", f"{unmade} of {replicas} are still to be made")


def _against_the_rest(counted: Sequence[ReplicaPod], victims: set[str]) -> Certainty:
    going = [pod for pod in counted if pod.name in victims]
    rest = [pod for pod in counted if pod.name not in victims]
    if going and rest:
        last, first = max(going, key=lambda pod: pod.rank), min(rest, key=lambda pod: pod.rank)
        if last.rank == first.rank:
            return Certainty(False, "Ambiguous", f"{first.name} may go in place of {last.name}")
        if last.rank > first.rank:
            return Certainty(False, "AnotherFirst", f"{first.name} goes before {last.name}")
    return Certainty(True, "Certain", f"{', '.join(sorted(victims))} go first")
