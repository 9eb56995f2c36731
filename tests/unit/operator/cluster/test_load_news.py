"""Which pools are looked at when a router has told the load."""

from bridge_api.wire.load import LoadReport, PoolLoad
from bridge_operator.autoscaler.load import STALE_SECONDS
from bridge_operator.cluster.load_news import LoadNews


def load(pool: str = "a/one", **changes: float) -> PoolLoad:
    found = {"slots": 2, "busy": 0, "pending": 0, "in_flight": 0, "ready_instances": 1} | changes
    return PoolLoad.model_validate({"pool": pool} | found)


def report(*loads: PoolLoad, router: str = "router-1") -> LoadReport:
    return LoadReport(router=router, boot="b", sequence=1, pools=list(loads))


def test_a_first_report_is_news_of_all_its_pools():
    assert LoadNews().take(report(load("a/one"), load("a/two")), 0.0) == ["a/one", "a/two"]


def test_that_time_goes_by_is_no_news():
    news = LoadNews()
    news.take(report(load()), 0.0)
    assert news.take(report(load(idle_seconds=1.0, oldest_pending_seconds=2.0)), 1.0) == []


def test_only_the_pool_that_changed_is_news():
    news = LoadNews()
    news.take(report(load("a/one"), load("a/two")), 0.0)
    assert news.take(report(load("a/one"), load("a/two", pending=1)), 1.0) == ["a/two"]


def test_another_router_with_the_same_numbers_is_news():
    news = LoadNews()
    news.take(report(load()), 0.0)
    assert news.take(report(load(), router="router-2"), 0.0) == ["a/one"]


def test_a_pool_that_a_router_tells_of_no_more_is_news():
    news = LoadNews()
    news.take(report(load()), 0.0)
    assert news.take(report(), 1.0) == ["a/one"]


def test_the_same_numbers_after_a_silence_are_news():
    news = LoadNews()
    news.take(report(load()), 0.0)
    assert news.take(report(load()), STALE_SECONDS + 1.0) == ["a/one"]
