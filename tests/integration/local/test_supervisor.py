"""The local backend as a real process over stand-in children: it keeps the pools as they are wanted."""

import os
import signal
import socket
import stat
from pathlib import Path

import psutil
import pytest

from tests.integration.local.stage import DEADLINE_SECONDS, Stage, eventually, pool_text


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.pool_file.write_text(pool_text())
    return made


async def test_a_pool_gets_its_instances_and_the_registry_lists_them(stage: Stage) -> None:
    async with stage.running():
        registry = stage.registry()

    (pool,) = registry.pools
    assert pool.metadata.uid
    assert {one.pool for one in registry.endpoints} == {"default/demo"}
    assert all(one.url.startswith("http://127.0.0.1:") for one in registry.endpoints)
    assert len({one.instance for one in registry.endpoints}) == 2


async def test_tokens_are_readable_by_this_user_only_and_gone_at_the_end(stage: Stage) -> None:
    async with stage.running() as (backend, _):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in stage.run_dir.iterdir()}
        backend.terminate()
        await backend.wait()

    assert {"master-token", "token-default.demo"} <= modes.keys()
    assert set(modes.values()) <= {0o600, 0o700}, "directories may be entered by this user only too"
    assert stat.S_IMODE(stage.run_dir.stat().st_mode) == 0o700
    assert list(stage.run_dir.iterdir()) == []


async def test_a_dead_instance_is_replaced_by_a_new_one(stage: Stage) -> None:
    async with stage.running():
        before = {one.instance for one in stage.registry().endpoints}
        victim = min(before)
        os.kill(stage.pid_of(victim), signal.SIGKILL)

        await eventually(
            lambda: victim not in {one.instance for one in stage.registry().endpoints}, "it is gone"
        )
        after = {one.instance for one in await stage.endpoints(2)}

    assert len(after & before) == 1
    assert stage.said("an instance died")


async def test_instances_that_cannot_start_are_tried_again_with_growing_waits(stage: Stage) -> None:
    (stage.folder / "die-at-start").touch()
    async with stage.backend() as backend:
        await backend.listening(DEADLINE_SECONDS)
        await eventually(lambda: len(stage.journal("listens")) == 1 and _deaths(stage) >= 3, "three deaths")
        (stage.folder / "die-at-start").unlink()
        await stage.endpoints(2)

    assert stage.said("| dies at its start, as the stage says")
    assert stage.said("exit code 3")


async def test_a_dead_router_comes_back_on_the_same_port(stage: Stage) -> None:
    async with stage.running() as (_, listening):
        first = stage.pid_of("router")
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: stage.pid_of("router") != first, "another router")

        with socket.create_connection(("127.0.0.1", int(listening.url.rsplit(":", 1)[1])), timeout=5):
            pass

    assert stage.said("the router died and is started again")


async def test_a_router_that_hangs_is_replaced_on_the_same_port(stage: Stage) -> None:
    async with stage.running() as (_, listening):
        first = stage.pid_of("router")
        os.kill(first, signal.SIGSTOP)
        await eventually(lambda: stage.pid_of("router") != first, "another router", seconds=30)

        with socket.create_connection(("127.0.0.1", int(listening.url.rsplit(":", 1)[1])), timeout=5):
            pass
        assert not psutil.pid_exists(first)

    assert stage.said("a process hangs and is ended")


async def test_a_bad_edit_is_refused_with_file_line_and_reason_and_the_old_pool_goes_on(stage: Stage) -> None:
    async with stage.running():
        before = stage.registry()
        stage.pool_file.write_text(pool_text(slots=99))
        await eventually(lambda: stage.said("the edit is refused"), "a refusal")

        assert stage.said(f"{stage.pool_file}:9: spec.slots: ")
        assert stage.registry() == before

        stage.pool_file.write_text(pool_text(instances=3))
        await stage.endpoints(3)


async def test_a_pool_files_folder_that_is_replaced_as_a_whole_is_followed(stage: Stage) -> None:
    folder = stage.pool_file.parent / "pools"
    folder.mkdir()
    stage.pool_file = folder / "pool.yaml"
    stage.pool_file.write_text(pool_text())
    async with stage.running():
        folder.rename(folder.with_name("old"))
        folder.mkdir()
        stage.pool_file.write_text(pool_text(instances=3))

        await stage.endpoints(3)


async def test_an_edit_of_what_instances_are_started_with_rolls_them_one_by_one(stage: Stage) -> None:
    async with stage.running() as (_, listening):
        before = {one.instance for one in stage.registry().endpoints}
        await stage.ready_instances(listening, 2)

        def all_are_new() -> bool:
            endpoints = stage.registry().endpoints
            return len(endpoints) == 2 and not before & {one.instance for one in endpoints}

        stage.pool_file.write_text(pool_text(slots=3))
        await eventually(all_are_new, "both are replaced")

    noted = [entry for entry in stage.journal("listens", "cordoned") if entry["name"] != "router"]
    steps = noted[len(before) :]
    assert [entry["kind"] for entry in steps] == ["listens", "cordoned"] * 2
    assert {entry["name"] for entry in steps if entry["kind"] == "cordoned"} == before
    assert {entry["name"] for entry in stage.journal("drains")} >= before


async def test_a_new_revision_that_never_gets_ready_leaves_the_old_one_serving(stage: Stage) -> None:
    async with stage.running() as (_, listening):
        before = {one.instance for one in stage.registry().endpoints}
        await stage.ready_instances(listening, 2)
        (stage.folder / "never-ready").touch()
        stage.pool_file.write_text(pool_text(slots=3))

        await eventually(lambda: len(stage.journal("listens")) == 4, "a third instance")
        assert not stage.journal("drains")
        assert before <= {one.instance for one in stage.registry().endpoints}


async def test_a_pool_that_leaves_its_file_is_drained(stage: Stage) -> None:
    stage.pool_file.write_text(pool_text(instances=1) + "---\n" + pool_text(name="other", instances=1))
    async with stage.running():
        stage.pool_file.write_text(pool_text(instances=1))
        (left,) = await stage.endpoints(1)

    assert left.pool == "default/demo"


async def test_sigterm_drains_the_children_and_leaves_nothing(stage: Stage) -> None:
    async with stage.running() as (backend, _):
        backend.terminate()
        code = await backend.wait()

    assert code == 0
    assert len(stage.journal("drains")) == 3
    assert stage.survivors() == []
    assert stage.said("draining")
    assert not stage.said("PoolRemoved")


async def test_a_second_signal_stops_at_once(stage: Stage) -> None:
    (stage.folder / "hold-drains").touch()
    async with stage.running() as (backend, _):
        backend.terminate()
        await eventually(lambda: len(stage.journal("drains")) == 3, "all drain")
        backend.terminate()
        code = await backend.wait()

    assert code == 1
    assert stage.survivors() == []
    assert stage.said("stopping at once")


async def test_children_end_with_a_killed_backend(stage: Stage) -> None:
    async with stage.running() as (backend, _):
        assert len(stage.survivors()) == 3
        psutil.Process(backend.pid).kill()
        await eventually(lambda: not stage.survivors(), "no child is left")

    assert len(stage.journal("at once")) == 3


async def test_a_port_in_use_is_one_clear_sentence(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with stage.backend("--port", str(port)) as backend:
            code = await backend.wait()

    assert code == 1
    assert stage.said(f"port {port} on 127.0.0.1 is in use")
    assert stage.said("choose another one with --port")
    assert stage.journal("listens") == []


async def test_the_same_pool_in_two_files_is_refused_at_the_start(stage: Stage) -> None:
    twin = stage.folder / "twin.yaml"
    twin.write_text(pool_text())
    async with stage.backend("--file", str(twin)) as backend:
        code = await backend.wait()

    assert code == 1
    assert stage.said(
        f"{twin}:4: metadata.name: a pool called default/demo stands in {stage.pool_file} already"
    )


async def test_a_choice_that_this_version_cannot_carry_out_keeps_the_pool_from_starting(stage: Stage) -> None:
    stage.pool_file.write_text(pool_text().replace("    url:", "    mode: battle\n    url:"))
    async with stage.backend() as backend:
        code = await backend.wait()

    assert code == 1
    assert stage.said("spec.site.mode: adapter arena has no mode battle yet")


async def test_a_field_that_nothing_acts_on_is_said_once(stage: Stage) -> None:
    stage.pool_file.write_text(pool_text(extra="  health:\n    checks: [{name: mine}]\n"))
    async with stage.running():
        pass

    said = [line for line in stage.log if "spec.health.checks: is set;" in line]
    assert len(said) == 1
    assert "warning" in said[0]


def _deaths(stage: Stage) -> int:
    return sum("an instance died" in line for line in stage.log)
