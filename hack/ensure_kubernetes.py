"""See that the Kubernetes binaries of the API-level tests are there, and build them once where they are not.

They are looked for in KUBEBUILDER_ASSETS, then on the PATH, then in the user's cache. `--check` only says.
"""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hack.kubernetes_build import BINARIES, GO_NEEDED, KUBERNETES_VERSION, BuildFailed, build

NAMES = tuple(binary.name for binary in BINARIES)
TOGETHER = (("etcd",), ("kube-apiserver", "kube-controller-manager", "kubectl"))
"""What must come from one place: a controller manager or kubectl of another version is a skew of its own."""
WHAT_TO_DO = f"""Without them the tests against a real Kubernetes API cannot run. One of these helps:
  - install Go {GO_NEEDED} or later (https://go.dev/doc/install), then: make kubernetes
  - say where the programs are: KUBEBUILDER_ASSETS=/folder/with/{{{",".join(NAMES)}}}
  - leave these tests out, knowingly: BRIDGE_SKIP_KUBERNETES=1"""


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return where the binaries that we build are kept, one folder for each version."""
    caches = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches, "lmarena-bridge", "kubernetes", f"v{KUBERNETES_VERSION}")


def find_binaries(environment: Mapping[str, str]) -> dict[str, Path]:
    """Find the binaries by name; what is nowhere is left out."""
    found: dict[str, Path] = {}
    for names in TOGETHER:
        for place in _places(environment):
            paths = {name: shutil.which(name, path=place) for name in names}
            if all(paths.values()):
                found |= {name: Path(path) for name, path in paths.items() if path}
                break
    return found


def _places(environment: Mapping[str, str]) -> Iterator[str]:
    if assets := environment.get("KUBEBUILDER_ASSETS"):
        yield assets
    yield environment.get("PATH", os.defpath)
    yield str(cache_folder(environment))


def missing_binaries(environment: Mapping[str, str]) -> list[str]:
    found = find_binaries(environment)
    return [name for name in NAMES if name not in found]


@contextmanager
def _one_build_at_a_time(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another build of the Kubernetes binaries", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    if os.environ.get("BRIDGE_SKIP_KUBERNETES") == "1":
        print("BRIDGE_SKIP_KUBERNETES=1: the tests against a real Kubernetes API are left out")
        return 0
    missing = missing_binaries(os.environ)
    if arguments == ["--check"]:
        for name, path in find_binaries(os.environ).items():
            print(f"{name}: {path}")
        return _say_missing(missing)
    if not missing:
        return 0
    folder = cache_folder(os.environ)
    print(f"Kubernetes binaries are missing ({', '.join(missing)}): building them once into {folder}")
    with _one_build_at_a_time(folder):
        try:
            build(missing_binaries(os.environ), folder)
        except BuildFailed as failed:
            print(f"{failed}\n{WHAT_TO_DO}", file=sys.stderr)
            return 1
    return 0


def _say_missing(missing: list[str]) -> int:
    if missing:
        print(f"missing: {', '.join(missing)}\n{WHAT_TO_DO}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
