"""The local backend with the cordon step taken out, to see that the test of scaling notices."""

import sys

from bridge_operator import __main__ as operator
from bridge_operator.local import plan
from bridge_operator.local.observed import ObservedInstance


def _stop_at_once(one: ObservedInstance, message: str, now: float) -> plan.Action:
    return plan.Action(plan.Verb.DRAIN, one.pool, "TooMany", message, one.name)


if __name__ == "__main__":
    plan._part_with = _stop_at_once
    sys.exit(operator.main())
