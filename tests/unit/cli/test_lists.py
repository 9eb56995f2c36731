"""`bridge models` and `bridge get`: tables for people, JSON for programs."""

import json

import pytest
from click.testing import CliRunner

from bridge_api.wire.admin import InstanceList, InstanceView, PoolList, PoolView
from bridge_api.wire.instance import SlotState, SlotStatus
from bridge_cli.app import cli
from tests.unit.cli.router_double import as_json, serving

POOL = PoolView(
    namespace="default",
    name="demo",
    site="http://127.0.0.1:5105",
    strategy="LeastBusy",
    min_instances=2,
    max_instances=5,
    desired_instances=2,
    instances=2,
    ready_instances=1,
    slots=4,
    busy=1,
    pending=3,
    models=["atlas"],
)
BLOCKED = SlotStatus(slot=1, state=SlotState.NEEDS_HUMAN, reason="Challenge", message="solve it in a browser")
INSTANCE = InstanceView(
    instance="demo-x",
    profile="home",
    pool="default/demo",
    url="http://127.0.0.1:40001",
    metrics_url="http://127.0.0.1:40002",
    connected=True,
    ready=True,
    started=True,
    draining=False,
    cordoned=False,
    slots=[SlotStatus(slot=0, state=SlotState.READY), BLOCKED],
)
ANSWERS = {
    "/v1/models": as_json({"data": [{"id": "atlas", "owned_by": "Acme"}]}),
    "/api/v1/pools": as_json(PoolList(pools=[POOL]).model_dump(mode="json", by_alias=True)),
    "/api/v1/instances": as_json(InstanceList(instances=[INSTANCE]).model_dump(mode="json", by_alias=True)),
}


def run(*arguments: str) -> str:
    with serving(ANSWERS) as double:
        result = CliRunner().invoke(cli, [*arguments, "--base-url", double.base_url])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_models_are_listed_with_who_made_them() -> None:
    assert [line.split() for line in run("models").splitlines()] == [["MODEL", "BY"], ["atlas", "Acme"]]


def test_pools_are_listed_with_their_load() -> None:
    heading, row = (line.split() for line in run("get", "pools").splitlines())

    assert dict(zip(heading, row, strict=True)) == {
        "POOL": "default/demo",
        "SITE": "http://127.0.0.1:5105",
        "STRATEGY": "LeastBusy",
        "MIN": "2",
        "MAX": "5",
        "DESIRED": "2",
        "READY": "1/2",
        "SLOTS": "4",
        "BUSY": "1",
        "PENDING": "3",
        "MODELS": "1",
    }


def test_instances_are_listed_with_why_a_slot_cannot_answer_and_where_the_metrics_are() -> None:
    _, row = run("get", "instances").splitlines()

    assert row.split()[:3] == ["demo-x", "default/demo", "Ready"]
    assert row.split()[-1] == "home"
    assert "1 Ready, 1 NeedsHuman (Challenge: solve it in a browser)" in row
    assert "http://127.0.0.1:40002/metrics" in row


@pytest.mark.parametrize("what", [("models",), ("get", "pools"), ("get", "instances")])
def test_programs_get_json(what: tuple[str, ...]) -> None:
    assert json.loads(run(*what, "-o", "json"))


def test_a_stranger_on_the_port_is_named() -> None:
    with serving({"/api/v1/pools": (200, "text/html", b"<p>Hello")}) as stranger:
        result = CliRunner().invoke(cli, ["get", "pools", "--base-url", stranger.base_url])

    assert result.exit_code == 1
    assert "does not answer as a bridge does" in result.stderr
