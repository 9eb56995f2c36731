"""Start the operator: `python -m bridge_operator` in a cluster, `python -m bridge_operator --local --file pool.yaml` without one."""

import sys

import uvloop

from bridge_operator.local.backend import run_backend
from bridge_operator.settings import OperatorSettings
from bridge_runtime.logs import configure_logs
from bridge_runtime.settings import read_settings


def main() -> int:
    settings = read_settings(OperatorSettings, "bridge_operator")
    if settings.local and not settings.file:
        return _usage("--file: at least one pool file is wanted")
    if settings.file and not settings.local:
        return _usage("--file is for --local; in a cluster pools come from the API: kubectl apply -f FILE")
    configure_logs(level=settings.log_level, json=settings.log_format == "json")
    if settings.local:
        return uvloop.run(run_backend(settings))
    from bridge_operator.cluster.main import run_cluster  # noqa: PLC0415 - 50 MiB that local mode has no use for

    return uvloop.run(run_cluster(settings))


def _usage(message: str) -> int:
    print(f"bridge_operator: {message}", file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    sys.exit(main())
