"""Names under which the operator acts."""

from typing import Final

OBJECTS_MANAGER: Final = "bip-operator"
"""Field manager of the children: everything of them but how many."""

SCALE_MANAGER: Final = "bip-autoscaler"
"""Field manager of `/scale`, so that an apply of the other one never resets a number."""

STATUS_MANAGER: Final = "bip-status"
