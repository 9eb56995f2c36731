"""What hangs without being stopped shows itself by its silence only: each is asked now and then, within a deadline."""

import os

import pytest

from tests.integration.browser_pod.stage import Pod
from tests.integration.healing.debugger import held
from tests.integration.healing.test_processes import assert_whole, counts
from tests.integration.healing.victims import processes_of
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.skipif(os.geteuid() != 0, reason="holding another process takes root"),
]


@pytest.mark.parametrize(
    ("victim", "recycled"),
    [
        ("renderer", "page PageLost"),  # asked for a frame every health.intervalSeconds, 5 s to answer
        ("network", "context NetworkLost"),  # asked for cookies every second, twice 3 s to answer
        ("browser", "driver DriverLost"),  # asked for its processes likewise, through the driver
    ],
)
async def test_an_idle_pod_notices_silence_and_heals(pod: Pod, victim: str, recycled: str) -> None:
    await assert_whole(pod)
    before = (await counts(pod)).get(recycled, 0)
    (process, *_) = processes_of(pod)[victim]

    with held(process):

        async def noticed() -> bool:
            return (await counts(pod)).get(recycled, 0) > before

        await eventually(noticed, within_seconds=20, what=f"a recycled {recycled}")

    await assert_whole(pod)
