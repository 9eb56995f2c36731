"""Tokens: each pool has its own, and comparing one gives nothing away."""

from bridge_runtime.tokens import bearer_matches, load_token, pool_token


def test_each_pool_has_a_token_of_its_own() -> None:
    assert pool_token("master", "uid-1") != pool_token("master", "uid-2")
    assert pool_token("master", "uid-1") == pool_token("master", "uid-1")


def test_no_token_shows_the_master() -> None:
    assert "master" not in pool_token("master", "uid-1") + load_token("master")


def test_the_load_feeds_token_is_no_pools() -> None:
    assert load_token("master") not in (pool_token("master", "load"), pool_token("master", "team/demo"))
    assert load_token("master") != load_token("another")


def test_only_the_right_bearer_matches() -> None:
    assert bearer_matches({"Authorization": "Bearer secret"}, "secret")
    assert not bearer_matches({"Authorization": "Bearer other"}, "secret")
    assert not bearer_matches({}, "secret")
