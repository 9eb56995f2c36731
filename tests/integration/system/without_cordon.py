"""The local backend with the cordon step taken out, to see that the test of scaling notices."""

import sys

from bridge_operator import __main__ as operator
from bridge_operator.plan import Action, ObservedInstance, Verb, leaving


def _stop_at_once(one: ObservedInstance, reason: str, message: str) -> Action:
    return Action(Verb.DRAIN, one.pool, reason, message, one.name)


if __name__ == "__main__":
    leaving._cordon = _stop_at_once
    sys.exit(operator.main())
