"""When a slot is due for a fresh context."""

import pytest

from bridge_api.spec.serving import SessionsSpec
from bridge_browser.sessions import Session

LIMITS = SessionsSpec(max_requests=3, max_age_seconds=60)


@pytest.mark.parametrize(
    ("chats", "age", "reason"),
    [(0, 0.0, None), (2, 59.9, None), (3, 0.0, "MaxRequests"), (0, 60.0, "MaxAge"), (4, 61.0, "MaxRequests")],
)
def test_a_session_is_over_after_so_many_chats_or_so_long(chats: int, age: float, reason: str | None) -> None:
    assert Session(began=100.0, chats=chats).over(LIMITS, 100.0 + age) == reason
