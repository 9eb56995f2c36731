"""The ConfigMap of a revision: an instance reads from it what the operator has meant, earlier revisions too."""

from typing import Any

import pytest
import yaml

from bridge_api.manifest import read_manifest
from bridge_operator.resources.config_map import make_config_map, pool_file
from bridge_operator.resources.revision import earlier_revision
from tests.unit.operator.resources.pools import make_pool, only_revision

RICH: dict[str, Any] = {
    "slots": 2,
    "models": {"aliases": {"small": "model-a"}},
    "profiles": [{"name": "home", "proxySecret": "p"}],
    "template": {"env": [{"name": "A", "value": "Ä"}]},
    "autoscaling": {"minInstances": 0, "bufferSlots": "20%"},
    "timeouts": {"totalSeconds": 600},
}


def test_an_instance_reads_the_pool_as_it_is() -> None:
    pool = make_pool(**RICH)

    (read,) = read_manifest(pool_file(pool)).pools

    assert read.spec == pool.spec
    assert (read.key, read.metadata.uid) == (pool.key, pool.metadata.uid)


def test_a_pool_scaled_by_hand_gives_the_same_file() -> None:
    assert pool_file(make_pool(replicas=2)) == pool_file(make_pool(replicas=5))


def test_what_is_as_ever_is_left_to_the_image() -> None:
    assert yaml.safe_load(pool_file(make_pool(slots=2)))["spec"].keys() == {"site", "slots"}


def test_an_earlier_revision_keeps_its_template_and_takes_every_other_edit() -> None:
    before = only_revision(make_pool(slots=2, retry={"attempts": 2}))
    edited = make_pool(slots=3, retry={"attempts": 5})

    earlier = earlier_revision(edited, make_config_map(before))

    assert earlier is not None
    assert (earlier.name, earlier.template_hash) == (before.name, before.template_hash)
    assert (earlier.pool.spec.slots, earlier.pool.spec.retry.attempts) == (2, 5)
    assert make_config_map(earlier)["metadata"]["name"] == before.name


SOUND = pool_file(make_pool())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"pool.yaml": "kind: Other"}, id="another-kind"),
        pytest.param({"pool.yaml": "a: [b"}, id="no-yaml"),
        pytest.param({"pool.yaml": f"{SOUND}\n---\n{SOUND}"}, id="two-pools"),
        pytest.param({"pool.yaml": f"{SOUND}  later: 1\n"}, id="a-field-of-a-newer-operator"),
        pytest.param({}, id="nothing"),
        pytest.param(None, id="no-data"),
    ],
)
def test_a_config_map_that_holds_no_sound_pool_is_no_revision(data: dict[str, str] | None) -> None:
    broken = make_config_map(only_revision(make_pool())) | {"data": data}

    assert earlier_revision(make_pool(), broken) is None
