"""What Chromium says of its processes, and when one that is stopped is taken for hung."""

import pytest

from bridge_browser.vitals import HUNG_LOOKS, Standstill, Vitals

ANSWER = {
    "processInfo": [
        {"type": "browser", "id": 10, "cpuTime": 0.1},
        {"type": "renderer", "id": 11, "cpuTime": 0.1},
        {"type": "renderer", "id": 12, "cpuTime": 0.1},
        {"type": "GPU", "id": 13, "cpuTime": 0.1},
        {"type": "network.mojom.NetworkService", "id": 14, "cpuTime": 0.1},
        {"type": "storage.mojom.StorageService", "id": 15, "cpuTime": 0.1},
    ]
}


def test_the_processes_are_known_by_what_they_do() -> None:
    vitals = Vitals.read(ANSWER)

    assert vitals.browser == 10
    assert vitals.helpers == {11: "renderer", 12: "renderer", 13: "gpu", 14: "network"}


def test_an_answer_without_a_main_process_is_none() -> None:
    with pytest.raises(ValueError, match="main one"):
        Vitals.read({"processInfo": []})


def test_a_process_hangs_that_is_stopped_at_every_look() -> None:
    standstill = Standstill()

    looks = [standstill.hung([14]) for _ in range(HUNG_LOOKS + 1)]

    assert looks == [[]] * (HUNG_LOOKS - 1) + [[14], [14]]


def test_a_process_that_moved_in_between_does_not_hang() -> None:
    standstill = Standstill()
    for _ in range(HUNG_LOOKS - 1):
        standstill.hung([14])
    standstill.hung([])

    assert standstill.hung([14]) == []
