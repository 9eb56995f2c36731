"""Which instances start and leave, and why: `make_plan`, a pure function that every backend carries out in its own way."""

from bridge_operator.plan.actions import Action, Verb
from bridge_operator.plan.leaving import CORDON_SECONDS, RENEW_SECONDS
from bridge_operator.plan.observed import ObservedInstance
from bridge_operator.plan.profiles import Obstacle, WantedProfile
from bridge_operator.plan.replica_set import ReplicaPod, first_to_go
from bridge_operator.plan.revisions import Progress, Revision, failing_since, judge_rollout, wanted_hash
from bridge_operator.plan.wanted import WantedPool
from bridge_operator.plan.whole import make_plan

__all__ = [
    "CORDON_SECONDS",
    "RENEW_SECONDS",
    "Action",
    "ObservedInstance",
    "Obstacle",
    "Progress",
    "ReplicaPod",
    "Revision",
    "Verb",
    "WantedPool",
    "WantedProfile",
    "failing_since",
    "first_to_go",
    "judge_rollout",
    "make_plan",
    "wanted_hash",
]
