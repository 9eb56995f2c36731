"""How many instances a pool should have: `recommend` → `stabilize` → `limit`, each a pure function of its arguments."""

from bridge_operator.autoscaler.decision import Decision, decide
from bridge_operator.autoscaler.load import Load
from bridge_operator.autoscaler.memory import Memory

__all__ = ["Decision", "Load", "Memory", "decide"]
