"""Start the operator: `python -m bridge_operator --local --file pool.yaml`."""

import sys

import uvloop

from bridge_operator.local.backend import run_backend
from bridge_operator.settings import OperatorSettings
from bridge_runtime.logs import configure_logs
from bridge_runtime.settings import read_settings


def main() -> int:
    settings = read_settings(OperatorSettings, "bridge_operator")
    if not settings.local:
        return _usage(
            "the cluster operator comes with a later release; here there is --local --file pool.yaml"
        )
    if not settings.file:
        return _usage("--file: at least one pool file is wanted")
    configure_logs(level=settings.log_level, json=settings.log_format == "json")
    return uvloop.run(run_backend(settings))


def _usage(message: str) -> int:
    print(f"bridge_operator: {message}", file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    sys.exit(main())
