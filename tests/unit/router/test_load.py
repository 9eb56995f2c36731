"""The percentile of the load feed."""

import pytest

from bridge_router.core.load import FirstTokenWindow


@pytest.mark.parametrize(
    ("samples", "expected"),
    [([], None), ([3.0], 3.0), ([float(n) for n in range(1, 11)], 9.0), ([1.0] * 8 + [9.0] * 2, 9.0)],
)
def test_nine_of_ten_were_at_most_this_slow(samples: list[float], expected: float | None) -> None:
    window = FirstTokenWindow()
    for sample in samples:
        window.add(sample, 0.0)

    assert window.p90(1.0) == expected


def test_what_is_older_than_a_minute_does_not_count() -> None:
    window = FirstTokenWindow()
    window.add(9.0, 0.0)
    window.add(1.0, 50.0)

    assert window.p90(61.0) == 1.0
