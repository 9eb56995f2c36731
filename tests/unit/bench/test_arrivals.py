"""Chunks are told apart, however the stream is cut; one lost, doubled or out of order is seen."""

import pytest

from bench.chunks.arrivals import Arrivals, chunk


def arrived(*numbers: int, expected: int = 3) -> Arrivals:
    arrivals = Arrivals(expected)
    arrivals.take("".join(chunk(number, 1.0) for number in numbers), 1.5)
    return arrivals


def test_a_stream_in_single_bytes_gives_the_same_chunks() -> None:
    arrivals = Arrivals(2)

    for number, byte in enumerate(chunk(0, 1.0) + chunk(1, 2.0)):
        arrivals.take(byte, 3.0 + number / 1000)

    assert arrivals.numbers == [0, 1]
    assert arrivals.exact
    assert arrivals.latencies[0] == pytest.approx(2.0, abs=0.1)


def test_lines_of_the_demo_site_are_chunks_too() -> None:
    arrivals = Arrivals(1)

    arrivals.take("0 12.500000\n", 12.75)

    assert arrivals.latencies == [0.25]


@pytest.mark.parametrize("numbers", [(0, 2), (0, 1, 1), (0, 2, 1), (0, 0, 1, 2)])
def test_what_is_not_once_and_in_order_is_not_exact(numbers: tuple[int, ...]) -> None:
    assert not arrived(*numbers).exact


def test_all_of_them_in_order_are_exact() -> None:
    assert arrived(0, 1, 2).exact
    assert arrived(0, 1, 2).complete
