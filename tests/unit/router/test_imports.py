"""What a router that follows a file does without."""

import subprocess
import sys


def test_a_router_without_a_cluster_does_not_import_the_kubernetes_client() -> None:
    asked = "import sys, bridge_router.__main__; print('kubernetes' in sys.modules, 'bridge_router.app' in sys.modules)"

    told = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True
    )

    assert told.stdout.split() == ["False", "True"]
