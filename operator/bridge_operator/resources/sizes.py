"""How much memory and CPU an instance asks for where its pool does not say: from docs/benchmarks.md, with head room."""

from typing import NamedTuple

from bridge_api.spec import PoolSpec
from bridge_api.spec.browser import BrowserMode
from bridge_operator.resources.objects import Object


class _Memory(NamedTuple):
    base: int
    """MiB of the instance itself: Python, driver, browser."""

    slot: int
    """MiB that each slot adds."""


_SHELL = _Memory(384, 64)
"""Measured on the demo site: 357 MiB and 32 a slot; pages of a real site weigh more, and grow with use."""

_FULL = _Memory(512, 80)
"""As above for the full browser: 477 MiB and 40 a slot."""

_LIMIT = 3
"""An out-of-memory kill loses every chat of the instance: the limit is for what has run away, not for what is heavy."""

CPU_BASE = 200
CPU_SLOT = 50
"""Millicores. An answer of 50 chunks a second takes 80 (16 s for 10,000 chunks); not every slot streams at once. There is no
limit: a throttled browser is a slow one, and nobody gains."""


def default_resources(spec: PoolSpec) -> Object:
    """Say what an instance of so many slots asks for."""
    memory = _SHELL if spec.browser.mode is BrowserMode.SHELL else _FULL
    wanted = memory.base + memory.slot * spec.slots
    return {
        "requests": {"cpu": f"{CPU_BASE + CPU_SLOT * spec.slots}m", "memory": f"{wanted}Mi"},
        "limits": {"memory": f"{wanted * _LIMIT}Mi"},
    }
