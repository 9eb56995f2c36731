"""What the router and the operator say of themselves: instances, slots, counts."""

import re
from collections.abc import Collection

import aiohttp

from bench.support.systems import Part
from bridge_api.wire.admin import InstanceList, InstanceView
from bridge_api.wire.instance import InstanceStatus, SlotState


async def instances(http: aiohttp.ClientSession, system: Part) -> list[InstanceView]:
    """List the instances; none where the router does not answer now."""
    try:
        async with http.get(f"{system.url}/api/v1/instances") as response:
            return InstanceList.model_validate_json(await response.read()).instances
    except (aiohttp.ClientError, ValueError):
        return []


async def all_ready(http: aiohttp.ClientSession, system: Part, count: int) -> bool:
    """Whether there are so many instances, and every slot is Ready."""
    return await all_in(http, system, count, (SlotState.READY,))


async def all_in(
    http: aiohttp.ClientSession, system: Part, count: int, states: Collection[SlotState]
) -> bool:
    """Whether there are so many instances, and every slot is in one of the states."""
    found = await instances(http, system)
    return len(found) == count and all(
        one.connected and one.slots and all(slot.state in states for slot in one.slots) for one in found
    )


async def pod_ready(http: aiohttp.ClientSession, pod: Part) -> bool:
    async with http.get(f"{pod.url}/status") as response:
        status = InstanceStatus.model_validate_json(await response.read())
    return bool(status.slots) and all(slot.state is SlotState.READY for slot in status.slots)


async def gauge(http: aiohttp.ClientSession, url: str, name: str) -> float | None:
    """Read one number of a page of metrics, whatever its labels; None where it is not there."""
    async with http.get(url) as response:
        found = re.search(rf"^{name}(?:{{[^}}]*}})? (\S+)$", await response.text(), re.MULTILINE)
    return float(found[1]) if found else None
