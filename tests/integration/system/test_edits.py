"""An edit of the pool file reaches whom it concerns: running instances at once, or by way of new ones, and no chat is cut."""

import asyncio
from pathlib import Path

import pytest
import yaml

from tests.integration.system.conftest import DemoSite, System, make_pool, running_system
from tests.integration.system.ledger import Ledger
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser

MODEL = "atlas-3-large"


async def test_timeouts_and_aliases_reach_running_instances(system: System) -> None:
    before = system.instance_pids()
    system.edit(timeouts={"firstTokenSeconds": 1}, models={"aliases": {"swift": MODEL}})

    async def is_quick_to_give_up() -> bool:
        asked_at = asyncio.get_running_loop().time()
        entry = await Ledger(system, "swift").chat("[[demo fault=silence]] Are you there?")
        took = asyncio.get_running_loop().time() - asked_at
        return entry.error == "first_token_timeout" and took < 10

    await eventually(is_quick_to_give_up, what="the new first-token time, under the new name")
    assert system.instance_pids() == before


async def test_a_changed_number_of_slots_replaces_the_instances_and_cuts_no_chat(system: System) -> None:
    before = set(system.instance_pids())
    ledger = Ledger(system, MODEL)
    chats = [asyncio.create_task(ledger.chat(f"Long {n}", tokens=160, pace_ms=50)) for n in range(4)]

    async def busy(count: int) -> bool:
        return [slot["state"] for slot in await system.slots()].count("Busy") == count

    await eventually(lambda: busy(4), what="four chats")
    system.edit(slots=1)

    async def replaced() -> bool:
        shown = await system.instances()
        names = {one["instance"] for one in shown}
        return len(shown) == 2 and not names & before and all(one["ready"] for one in shown)

    await eventually(replaced, within_seconds=60, what="two new instances")
    await asyncio.gather(*chats)
    assert all(entry.answered for entry in ledger.entries), ledger.entries
    assert len(await system.slots()) == 2


async def test_several_pools_of_one_file_live_and_scale_by_themselves(tmp_path: Path, site: DemoSite) -> None:
    async with running_system(tmp_path, site, autoscaling={"minInstances": 1}) as system:
        first, second = make_pool(site.url), make_pool(site.url)
        first["spec"]["autoscaling"] = {"minInstances": 1, "maxInstances": 1}
        second["metadata"]["name"] = "other"
        second["spec"]["autoscaling"] = {"minInstances": 0, "maxInstances": 2}
        system.pool_file.write_text(yaml.safe_dump_all([first, second]))

        async def pools(expected: dict[str, int]) -> bool:
            async with system.http.get(f"{system.url}/api/v1/pools") as answer:
                shown = (await answer.json())["pools"]
            return {pool["name"]: pool["desiredInstances"] for pool in shown} == expected

        await eventually(lambda: pools({"demo": 1, "other": 0}), what="two pools")
        entry = await Ledger(system, f"other/{MODEL}").chat("To the other one")

        assert entry.answered, entry
        assert entry.instance.startswith("other-")
        assert await pools({"demo": 1, "other": 1})
