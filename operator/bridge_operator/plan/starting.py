"""How instances start: with which profile and revision, not before the back-off is over, and why none does."""

from collections import Counter
from collections.abc import Iterator, Sequence

from bridge_operator.plan.actions import Action, Verb
from bridge_operator.plan.census import Census
from bridge_operator.plan.profiles import WantedProfile, choose, why_none


def choose_profiles(census: Census, count: int) -> list[WantedProfile]:
    there = Counter(one.profile for one in census.everyone)
    return choose(census.pool.profiles, there, Counter(one.profile for one in census.live), count)


def start(census: Census, profiles: Sequence[WantedProfile], too_few: int, now: float) -> list[Action]:
    """Start one of each profile: the first `too_few` for the number, the others for the revision."""
    pool = census.pool
    few = f"{len(census.serving)} of {pool.instances} are there"
    old = f"{len(census.going.serving)} instances are not as wanted"
    if now < pool.not_before:
        return [back_off(census, few if too_few else old, now)]
    whys = [("TooFew", few)] * too_few + [("TemplateChanged", old)] * len(profiles)
    return [
        Action(Verb.START, pool.key, reason, message, profile=profile.name, template_hash=revision)
        for profile, revision, (reason, message) in zip(
            profiles, _revisions(census, profiles), whys, strict=False
        )
    ]


def back_off(census: Census, message: str, now: float) -> Action:
    until = census.pool.not_before
    waits = f"{message}; the next try is in {until - now:.1f} s"
    return Action(Verb.NONE, census.pool.key, "BackingOff", waits, until=until)


def no_profile(census: Census, message: str) -> Action:
    reason, why = why_none(census.pool.profiles)
    return Action(Verb.NONE, census.pool.key, reason, f"{message}; {why}")


def _revisions(census: Census, profiles: Sequence[WantedProfile]) -> Iterator[str]:
    """Give each new instance its revision: the old one where the rollout is held, and it has not come that far yet."""
    pool = census.pool
    current = {one.profile for one in census.live if pool.is_current(one)}
    old = len(census.held)
    partition = min(pool.partition, pool.instances) if census.held else 0
    for profile in profiles:
        held = pool.rollout_paused and profile.name not in current
        if profile.old_hash is not None and (held or old < partition):
            old += 1
            yield profile.old_hash
        else:
            yield profile.template_hash
