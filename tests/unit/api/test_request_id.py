"""A client's request id is kept where it can stand in a header and in a log line."""

import pytest

from bridge_api.request_id import sane_request_id


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abc-1", True),
        ("x" * 128, True),
        ("x" * 129, False),
        ("", False),
        (None, False),
        ("a\nb", False),
        ("ü", False),
    ],
)
def test_a_sane_request_id_is_kept(given: str | None, kept: bool) -> None:
    assert (sane_request_id(given) is not None) is kept
