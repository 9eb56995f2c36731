"""Build the Kubernetes binaries of the API-level tests from Go modules; needs Python and Go."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KUBERNETES_VERSION = "1.36.3"
ETCD_VERSION = "3.6.8"
GO_NEEDED = "1.26"
PROGRESS_EVERY_SECONDS = 30
_MODULE = f"module lmarena-bridge/kubernetes-binaries\n\ngo {GO_NEEDED}\n"
_ETCD_MAIN = """package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
"""


class BuildFailed(Exception):
    """A binary could not be built; the text says why and what to do."""


@dataclass(frozen=True)
class Binary:
    """A program, and how long its build takes with nothing cached on two cores."""

    name: str
    about: str


BINARIES = (
    Binary("etcd", "half a minute"),
    Binary("kube-apiserver", "4 minutes"),
    Binary("kube-controller-manager", "1 minute"),
    Binary("kubectl", "half a minute"),
)


def build(names: list[str], folder: Path) -> None:
    """Build these programs into the folder, each put in place only when it is whole."""
    if shutil.which("go") is None:
        raise BuildFailed("Go is not here: there is no `go` on the PATH.")
    wanted = [binary for binary in BINARIES if binary.name in names]
    with tempfile.TemporaryDirectory(prefix=".build-", dir=folder) as scratch:
        for index, binary in enumerate(wanted, 1):
            print(f"building {binary.name} ({index} of {len(wanted)}), about {binary.about}", flush=True)
            work = Path(scratch, binary.name)
            work.mkdir()
            make = _build_etcd if binary.name == "etcd" else _build_kubernetes
            make(binary.name, work).replace(folder / binary.name)


def version_flags(version: str) -> str:
    """Return the linker flags without which Kubernetes calls itself v0.0.0 and refuses version skew."""
    major, minor, _ = version.split(".")
    variables = {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor}
    package = "k8s.io/component-base/version"
    return " ".join(["-s", "-w", *(f"-X {package}.{key}={value}" for key, value in variables.items())])


def staging_modules(go_mod: Mapping[str, object]) -> list[str]:
    """List the modules that Kubernetes' own go.mod replaces by folders of its repository."""
    replaces = go_mod.get("Replace") or []
    assert isinstance(replaces, list)  # noqa: S101 — `go mod edit -json` writes a list or null
    return [item["Old"]["Path"] for item in replaces if item["New"]["Path"].startswith("./staging/")]


def _build_etcd(name: str, work: Path) -> Path:
    (work / "go.mod").write_text(_MODULE)
    (work / "main.go").write_text(_ETCD_MAIN)
    _go(work, "get", f"go.etcd.io/etcd/server/v3@v{ETCD_VERSION}")
    _go(work, "build", "-ldflags", "-s -w", "-o", name, ".")
    return work / name


def _build_kubernetes(name: str, work: Path) -> Path:
    module = f"k8s.io/kubernetes@v{KUBERNETES_VERSION}"
    (work / "go.mod").write_text(_MODULE)
    own_go_mod = json.loads(_go(work, "mod", "download", "-json", module))["GoMod"]
    staging = staging_modules(json.loads(_go(work, "mod", "edit", "-json", own_go_mod)))
    staging_version = f"v0.{KUBERNETES_VERSION.partition('.')[2]}"
    replaces = [f"-replace={path}={path}@{staging_version}" for path in staging]
    _go(work, "mod", "edit", f"-require={module}", *replaces)
    flags = version_flags(KUBERNETES_VERSION)
    _go(work, "build", "-ldflags", flags, "-o", name, f"k8s.io/kubernetes/cmd/{name}")
    return work / name


def _go(work: Path, *arguments: str) -> str:
    """Run go there, say now and then that it still runs, and return what it printed."""
    environment = {
        **os.environ,
        "GOFLAGS": "-mod=mod -trimpath -buildvcs=false" if arguments[0] == "build" else "-mod=mod",
        "CGO_ENABLED": "0",
        "GOWORK": "off",
    }
    began = time.monotonic()
    with (work / "output").open("w+") as output, (work / "errors").open("w+") as errors:
        process = subprocess.Popen(
            ["go", *arguments],
            cwd=work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
        try:
            while _still_runs(process):
                print(f"  ... {work.name}: {time.monotonic() - began:.0f} s", flush=True)
        finally:
            process.kill()
            process.wait()
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise BuildFailed(f"`go {arguments[0]}` for {work.name} failed:\n{errors.read()[-2000:]}")
        return output.read()


def _still_runs(process: "subprocess.Popen[bytes]") -> bool:
    try:
        process.wait(timeout=PROGRESS_EVERY_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False
