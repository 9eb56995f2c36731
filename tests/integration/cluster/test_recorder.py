"""Events on a real API server."""

import time
from pathlib import Path

from bridge_operator.cluster.recorder import Recorder
from bridge_operator.events.happening import busy_instance_killed
from bridge_runtime.kube.client import connected
from tests.support.cluster.api import Api, path_of
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.pools import create_pool


async def test_an_event_that_is_gone_when_it_happens_again_is_told_anew(
    control_plane: ControlPlane, api: Api, namespace: str, tmp_path: Path
) -> None:
    pool = await create_pool(api, namespace)
    happening, events = (
        busy_instance_killed("demo-1", 1, "OOMKilled"),
        path_of("events.k8s.io/v1", "events", namespace),
    )
    kubeconfig = control_plane.access().write_kubeconfig(tmp_path / "kubeconfig")
    async with connected(kubeconfig, user_agent="tests") as kube:
        recorder = Recorder(
            api=kube, reporter="tests", leads=lambda: True, clock=time.monotonic, wall_clock=time.time
        )
        await recorder.tell(pool, happening)
        (told,) = await api.items(events)
        await api.delete(f"{events}/{told['metadata']['name']}")
        await recorder.tell(pool, happening)
    (again,) = await api.items(events)
    assert again["note"] == told["note"]
