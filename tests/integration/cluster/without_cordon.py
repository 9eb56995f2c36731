"""The operator with the cordon step taken out, to see that the randomized run notices: instances go without being asked."""

import sys
from collections.abc import Iterable

from bridge_operator import __main__ as operator
from bridge_operator.cluster.departures import Departures
from bridge_operator.cluster.observe import ObservedPod
from bridge_operator.plan import Action, ObservedInstance, ReplicaPod, Verb, leaving


def _stop_at_once(one: ObservedInstance, reason: str, message: str) -> Action:
    return Action(Verb.DRAIN, one.pool, reason, message, one.name)


async def _whoever_it_is(_: Departures, pod: ObservedPod) -> ObservedPod | None:
    return pod


def _in_any_case(_: Departures, _pod: ObservedPod, _pods: Iterable[ReplicaPod]) -> bool:
    return True


if __name__ == "__main__":
    leaving._cordon = _stop_at_once
    Departures._idle_or_none = _whoever_it_is  # type: ignore[assignment, method-assign]
    Departures._still_may_go = _in_any_case  # type: ignore[assignment, method-assign]
    sys.exit(operator.main())
