"""Which revision of a profile is wanted, and how far its rollout is: it goes on, it is complete, or it has failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bridge_operator.plan.observed import ObservedInstance


@dataclass(frozen=True, slots=True)
class Revision:
    template_hash: str
    created: float
    instances: tuple[ObservedInstance, ...] = ()
    failed: bool = False
    """Marked as one whose rollout came to nothing."""

    complete: bool = False
    """Its rollout was complete once: what fails now is not the rollout."""

    readable: bool = True
    """Whether it is known what its instances are; none is started of one that cannot be read."""


class Progress(StrEnum):
    COMPLETE = "Complete"
    PROGRESSING = "Progressing"
    STUCK = "Stuck"


class Verdict(NamedTuple):
    progress: Progress
    reason: str
    message: str
    back_to: str = ""
    """With `Stuck`: the revision to go back to; empty: there is none."""

    until: float | None = None
    """With `Progressing`: when to judge again, if nothing happens before."""


def wanted_hash(spec_hash: str, revisions: Sequence[Revision]) -> str:
    """Return the revision to have: the spec's, unless it has failed and there is another one to go back to."""
    if any(one.template_hash == spec_hash and one.failed for one in revisions):
        return revision_before(spec_hash, revisions) or spec_hash
    return spec_hash


def judge_rollout(
    revisions: Sequence[Revision], wanted: str, deadline_seconds: float, now: float, *, stay_old: int = 0
) -> Verdict:
    """Judge the rollout of the wanted revision; so many as `stay_old` may be left on another one (the partition)."""
    revision = next((one for one in revisions if one.template_hash == wanted), None)
    if revision is None:
        return Verdict(Progress.PROGRESSING, "NotStarted", f"nothing of revision {wanted} is there yet")
    old = sum(len(_live(one)) for one in revisions if one is not revision)
    unready = [one for one in _live(revision) if not one.ready]
    if old <= stay_old and (revision.complete or not unready):
        return Verdict(
            Progress.COMPLETE, "RolloutComplete", f"every instance that is to have revision {wanted} has it"
        )
    if revision.complete:
        return _rolling(revision, old)
    return _judge_unready(revisions, revision, old, deadline_seconds, now)


def failing_since(before: float | None, one: ObservedInstance, now: float) -> float | None:
    """Return since when an instance has failed by its own fault, from what was said of that at the look before."""
    excused = one.ready or one.blocked or one.site_fault or one.draining
    if excused:
        return None
    return now if before is None else before


def _judge_unready(
    revisions: Sequence[Revision], revision: Revision, old: int, deadline_seconds: float, now: float
) -> Verdict:
    failing = {one.name: one.failing_since for one in _live(revision) if one.failing_since is not None}
    if not failing:
        return _waits_or_rolls(revision, old)
    ends = deadline_seconds + max(min(failing.values()), _last_progress(revision))
    if now < ends:
        return _rolling(revision, old, until=ends)
    return _stuck(revisions, revision, min(failing, key=failing.__getitem__), deadline_seconds)


def _last_progress(revision: Revision) -> float:
    """Return when an instance of the revision last became ready."""
    return max((one.ready_since for one in revision.instances if one.ready_since is not None), default=0.0)


def _waits_or_rolls(revision: Revision, old: int) -> Verdict:
    blocked = [one for one in _live(revision) if not one.ready and (one.blocked or one.site_fault)]
    if not blocked:
        return _rolling(revision, old)
    message = f"{blocked[0].name} waits for its site or for a person, and the deadline with it"
    return Verdict(Progress.PROGRESSING, "WaitingForSite", message)


def _rolling(revision: Revision, old: int, until: float | None = None) -> Verdict:
    ready = sum(one.ready for one in _live(revision))
    message = (
        f"{ready} of {len(_live(revision))} instances of revision {revision.template_hash} are ready,"
        f" {old} of others are left"
    )
    return Verdict(Progress.PROGRESSING, "RollingOut", message, until=until)


def _stuck(
    revisions: Sequence[Revision], revision: Revision, failing: str, deadline_seconds: float
) -> Verdict:
    back_to = revision_before(revision.template_hash, revisions)
    goes = f"back to revision {back_to}" if back_to else "there is no revision to go back to"
    message = (
        f"{failing} of revision {revision.template_hash} was not ready in {deadline_seconds:g} s; {goes}"
    )
    return Verdict(Progress.STUCK, "ProgressDeadlineExceeded", message, back_to)


def revision_before(template_hash: str, revisions: Sequence[Revision]) -> str:
    """Choose a revision to go back to: one that was complete once rather than one that was given up, then the newest."""
    others = [one for one in revisions if one.template_hash != template_hash and _is_sound(one)]
    best = max(others, key=lambda one: (one.complete, one.created), default=None)
    return best.template_hash if best else ""


def _is_sound(revision: Revision) -> bool:
    return revision.readable and not revision.failed


def _live(revision: Revision) -> list[ObservedInstance]:
    return [one for one in revision.instances if not one.draining]
