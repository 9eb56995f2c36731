"""Names of children fit where Kubernetes puts them, and no two pools share one."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bridge_api.pool import MAX_NAME_LENGTH
from bridge_operator.resources.names import base_name, revision_name
from tests.unit.operator.resources.pools import make_pool

pool_names = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True)
uids = st.uuids().map(str)
SERVICE_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
POD_SUFFIX = "-" + "f" * 10 + "-" + "x" * 5


@given(name=pool_names, uid=uids, profile=st.text("abc-", max_size=40))
def test_every_name_is_one_for_a_service_and_leaves_room_for_its_pods(
    name: str, uid: str, profile: str
) -> None:
    pool = make_pool(name=name, uid=uid)

    for made in (base_name(pool), revision_name(pool, profile, "0123456789") + POD_SUFFIX):
        assert SERVICE_NAME.fullmatch(made)
        assert len(made) <= 63


@given(name=pool_names, uids=st.lists(uids, min_size=2, max_size=2, unique=True))
def test_a_pool_made_again_under_its_name_has_other_children(name: str, uids: list[str]) -> None:
    first, second = (make_pool(name=name, uid=uid) for uid in uids)

    assert base_name(first) != base_name(second)
    assert revision_name(first, "", "0") != revision_name(second, "", "0")


def test_profile_and_hash_are_told_apart_wherever_one_ends_and_the_other_begins() -> None:
    pool = make_pool()

    assert revision_name(pool, "a", "b1") != revision_name(pool, "ab", "1")


def test_a_name_shows_its_pool() -> None:
    assert base_name(make_pool(name="demo")).startswith("demo-")
    assert base_name(make_pool(name="4o")).startswith("p4o-")
    assert len(base_name(make_pool(name="a" * MAX_NAME_LENGTH))) == MAX_NAME_LENGTH + 9
