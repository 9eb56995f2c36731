"""Which revision of each profile is wanted, which are kept beside it, and how far their rollouts are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bridge_api.pool import BridgeInstancePool
from bridge_operator.cluster.observe import Observed, ObservedRevision
from bridge_operator.plan import ObservedInstance
from bridge_operator.plan.revisions import Progress, Verdict, judge_rollout, revision_before, wanted_hash
from bridge_operator.plan.revisions import Revision as PlannedRevision
from bridge_operator.resources.objects import Object
from bridge_operator.resources.revision import Revision, earlier_revision


@dataclass(frozen=True, slots=True)
class Rollout:
    """One profile's."""

    wanted: Revision
    spec_hash: str
    """What the spec asks for; another one than is wanted where that has failed."""

    verdict: Verdict
    old_hash: str | None
    """The revision that it comes from, and could go back to; None once it is complete."""

    found: ObservedRevision | None
    """The wanted revision's Deployment."""

    held: bool = False
    """`rollout.paused`: what is there is not yet all that is to be."""

    @property
    def went_back(self) -> bool:
        return self.wanted.template_hash != self.spec_hash

    @property
    def newly_complete(self) -> bool:
        return (
            self.verdict.progress is Progress.COMPLETE
            and not self.held
            and self.found is not None
            and not self.found.complete
            and self.found.replicas > 0
        )

    @property
    def newly_failed(self) -> bool:
        return self.verdict.progress is Progress.STUCK and bool(self.verdict.back_to)


@dataclass(frozen=True, slots=True)
class Revisions:
    rollouts: tuple[Rollout, ...]
    earlier: tuple[Revision, ...]
    """Others that have a Deployment: their pods follow the pool's live fields, too."""

    unreadable: tuple[str, ...] = ()
    """Names of those whose ConfigMap holds no sound pool: their instances are drained, and nothing of them is written."""

    @property
    def wanted(self) -> list[Revision]:
        return [rollout.wanted for rollout in self.rollouts]

    @property
    def current(self) -> list[Revision]:
        """List those to make as the spec asks; one that we went back to stays as it was made."""
        return [rollout.wanted for rollout in self.rollouts if not rollout.went_back]

    @property
    def all(self) -> list[Revision]:
        return [*self.wanted, *self.earlier]

    def keeps(self, found: ObservedRevision) -> bool:
        """Tell whether a revision is to stay even with no instance: as wanted, to go back to, or as a mark of failure."""
        for rollout in self.rollouts:
            if found.profile == rollout.wanted.profile:
                if found.template_hash in (rollout.wanted.template_hash, rollout.spec_hash):
                    return True
                return found.template_hash == rollout.old_hash
        return False


def choose_revisions(
    pool: BridgeInstancePool,
    currents: Iterable[Revision],
    observed: Observed,
    instances: Iterable[ObservedInstance],
    *,
    config_maps: Mapping[str, Object],
    now: float,
) -> Revisions:
    """Choose for each profile, whose current revisions these are; `config_maps` by name say what earlier revisions were."""
    everyone, asked = list(instances), list(currents)
    spec_names = {current.name for current in asked}
    earlier = {
        found.name: earlier_revision(pool, config_maps[found.name])
        for found in observed.revisions
        if found.name in config_maps and found.name not in spec_names
    }
    rollouts = tuple(
        _rollout(pool, current, observed, everyone, earlier=earlier, now=now) for current in asked
    )
    wanted = {rollout.wanted.name for rollout in rollouts}
    return Revisions(
        rollouts,
        earlier=tuple(one for name, one in earlier.items() if one is not None and name not in wanted),
        unreadable=tuple(name for name, one in earlier.items() if one is None),
    )


def _rollout(
    pool: BridgeInstancePool,
    current: Revision,
    observed: Observed,
    instances: Sequence[ObservedInstance],
    *,
    earlier: Mapping[str, Revision | None],
    now: float,
) -> Rollout:
    there = [
        _planned(found, instances, readable=found.name == current.name or earlier.get(found.name) is not None)
        for found in observed.revisions
        if found.profile == current.profile
    ]
    wanted = wanted_hash(current.template_hash, there)
    found = observed.revision(current.profile, wanted)
    revision = (earlier.get(found.name) if found is not None else None) or current
    spec = pool.spec.rollout
    stay_old = len(instances) if spec.paused else spec.partition
    verdict = judge_rollout(
        there, revision.template_hash, spec.progress_deadline_seconds, now, stay_old=stay_old
    )
    is_over = found is not None and found.complete
    old_hash = None if is_over else revision_before(revision.template_hash, there) or None
    return Rollout(revision, current.template_hash, verdict, old_hash, found, held=spec.paused)


def _planned(
    found: ObservedRevision, instances: Iterable[ObservedInstance], *, readable: bool
) -> PlannedRevision:
    own = tuple(
        one for one in instances if one.profile == found.profile and one.template_hash == found.template_hash
    )
    return PlannedRevision(
        found.template_hash,
        found.created_at,
        own,
        failed=found.failed,
        complete=found.complete,
        readable=readable,
    )
