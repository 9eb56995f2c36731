"""The site's limit holds for the whole instance, for as long as the longest that was told."""

from bridge_browser.limit import Limit
from bridge_browser.sites.base import Signal, SiteFailure

LIMITED = SiteFailure(Signal.RATE_LIMITED, "Too many requests.")


def test_a_limit_holds_until_its_time() -> None:
    limit = Limit()

    limit.begin(LIMITED, until=10.0)

    assert limit.holding(9.9) is LIMITED
    assert limit.holding(10.0) is None


def test_everybody_is_told_at_once_when_a_limit_begins() -> None:
    limit, told = Limit(), []
    limit.listen(lambda: told.append("first"))
    limit.listen(lambda: told.append("second"))

    limit.begin(LIMITED, until=10.0)

    assert told == ["first", "second"]


def test_a_shorter_limit_does_not_shorten_the_one_that_holds() -> None:
    limit = Limit()
    limit.begin(LIMITED, until=10.0)

    limit.begin(LIMITED, until=5.0)

    assert limit.holding(7.0) is LIMITED
