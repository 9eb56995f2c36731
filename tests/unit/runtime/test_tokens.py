"""Tokens: each pool has its own, and comparing one gives nothing away."""

from bridge_runtime.tokens import bearer_matches, pool_token


def test_each_pool_has_a_token_of_its_own() -> None:
    assert pool_token("master", "uid-1") != pool_token("master", "uid-2")
    assert pool_token("master", "uid-1") == pool_token("master", "uid-1")


def test_a_pool_token_does_not_show_the_master() -> None:
    assert "master" not in pool_token("master", "uid-1")


def test_only_the_right_bearer_matches() -> None:
    assert bearer_matches({"Authorization": "Bearer secret"}, "secret")
    assert not bearer_matches({"Authorization": "Bearer other"}, "secret")
    assert not bearer_matches({}, "secret")
