"""Profiles with proxies, from the pool file to the site: each instance leaves by its own profile's proxy, and by no other way."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.system.conftest import BRIDGE_UP, DemoSite, Json, System, running_system
from tests.integration.system.ledger import Ledger
from tests.support.proxy import SmallProxy, running_proxy
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser

MODEL = "atlas-3-large"
HOME = {"name": "home", "proxySecret": "proxy-home", "maxInstances": 1}
OFFICE = {"name": "office", "proxySecret": "proxy-office", "maxInstances": 1}


@pytest.fixture
async def home() -> AsyncIterator[SmallProxy]:
    async with running_proxy("home") as proxy:
        yield proxy


@pytest.fixture
async def office() -> AsyncIterator[SmallProxy]:
    async with running_proxy("office") as proxy:
        yield proxy


@asynccontextmanager
async def running_profiles(
    folder: Path, site: DemoSite, *profiles: Json, ready: int, **spec: Any
) -> AsyncIterator[System]:
    command = (*BRIDGE_UP, "--secrets-dir", str(folder / "secrets"))
    async with running_system(
        folder, site, command=command, ready=ready, slots=1, profiles=list(profiles), **spec
    ) as system:
        yield system
        assert "canary" not in str(await system.instances())
        assert not any("canary" in str(process.cmdline()) for process in system.part.tree())
    assert "canary" not in system.part.text


async def profiles_of(system: System) -> dict[str, str]:
    return {one["instance"]: one["profile"] for one in await system.instances()}


def chats_of(proxy: SmallProxy) -> int:
    return sum(request.startswith("POST") and "create" in request for request in proxy.served)


async def test_each_of_two_profiles_sends_its_own_instances_traffic_through_its_own_proxy(
    tmp_path: Path, site: DemoSite, home: SmallProxy, office: SmallProxy
) -> None:
    home.write_secret(tmp_path / "secrets" / "proxy-home")
    office.write_secret(tmp_path / "secrets" / "proxy-office")
    async with running_profiles(
        tmp_path, site, HOME, OFFICE, ready=2, autoscaling={"minInstances": 2, "maxInstances": 5}
    ) as system:
        assert sorted((await profiles_of(system)).values()) == ["home", "office"]
        ledger = Ledger(system, MODEL)
        await asyncio.gather(*(ledger.chat(f"Long {n}", tokens=40, pace_ms=20) for n in range(2)))
        await ledger.chat("One more")

        served = {"home": 0, "office": 0}
        profiles = await profiles_of(system)
        for entry in ledger.entries:
            assert entry.answered, entry
            served[profiles[entry.instance]] += 1
        assert {"home": chats_of(home), "office": chats_of(office)} == served
        assert min(served.values()) >= 1
        assert len(await site.journal("chat")) == 3


async def test_the_bounds_of_the_profiles_bound_the_pool(
    tmp_path: Path, site: DemoSite, home: SmallProxy
) -> None:
    home.write_secret(tmp_path / "secrets" / "proxy-home")
    async with running_profiles(
        tmp_path, site, HOME, ready=1, autoscaling={"minInstances": 1, "maxInstances": 5}
    ) as system:
        ledger = Ledger(system, MODEL)
        await asyncio.gather(*(ledger.chat(f"Chat {n}", tokens=40, pace_ms=50) for n in range(3)))

        assert all(entry.answered for entry in ledger.entries), ledger.entries
        assert (await system.pool())["desiredInstances"] == 1
        assert "maxInstances of the profiles is 1 in all" in system.part.text


async def test_a_profile_whose_secret_is_missing_is_told_once_and_starts_as_soon_as_it_is_there(
    tmp_path: Path, site: DemoSite, home: SmallProxy
) -> None:
    async with running_profiles(
        tmp_path, site, HOME, ready=0, autoscaling={"minInstances": 1, "maxInstances": 1}
    ) as system:
        await eventually(lambda: "SecretMissing" in system.part.text, what="a word about the missing Secret")
        wanted = tmp_path / "secrets" / "proxy-home" / "server"
        assert re.search(rf"error.*no instance of this profile is started.*{wanted}", system.part.text)

        await eventually(lambda: "listens" in system.part.text, what="the router")
        assert system.instance_pids() == {}

        home.write_secret(tmp_path / "secrets" / "proxy-home")
        await eventually(lambda: system.ready(1), within_seconds=40, what="the instance")
        entry = await Ledger(system, MODEL).chat("Hello")
        assert entry.answered, entry
        assert system.part.text.count("SecretMissing") == 1
        assert "the profile has what it needs" in system.part.text


async def test_another_profile_serves_while_one_has_no_secret(
    tmp_path: Path, site: DemoSite, home: SmallProxy
) -> None:
    home.write_secret(tmp_path / "secrets" / "proxy-home")
    async with running_profiles(
        tmp_path, site, OFFICE, HOME, ready=1, autoscaling={"minInstances": 2, "maxInstances": 2}
    ) as system:
        entry = await Ledger(system, MODEL).chat("Hello")

        assert entry.answered, entry
        assert list((await profiles_of(system)).values()) == ["home"]


async def test_a_proxy_that_dies_is_shown_and_nothing_leaves_by_another_way(
    tmp_path: Path, site: DemoSite, office: SmallProxy
) -> None:
    office.write_secret(tmp_path / "secrets" / "proxy-office")
    life = AsyncExitStack()
    home = await life.enter_async_context(running_proxy("home"))
    home.write_secret(tmp_path / "secrets" / "proxy-home")
    one = {"minInstances": 1, "maxInstances": 1}
    short = {"timeoutSeconds": 3, "coldStartTimeoutSeconds": 3}
    async with running_profiles(tmp_path, site, HOME, ready=1, autoscaling=one, queue=short) as system:
        await life.aclose()
        await site.forget()

        failed = await Ledger(system, MODEL).chat("Hello?")

        assert failed.error in {"no_instance", "queue_timeout"}, failed

        async def shown() -> bool:
            slots = await system.slots()
            return bool(slots) and slots[0]["reason"] == "ProxyUnreachable"

        await eventually(shown, what="the state of a slot whose proxy has died")
        assert await site.journal() == []
        assert office.served == []

        async with running_proxy("home", port=home.port):
            await eventually(system.idle, within_seconds=60, what="a slot that works again")
