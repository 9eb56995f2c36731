"""The processes of a pod by what they do, and what can be done to them."""

from enum import Enum

import psutil

from bridge_runtime.family import is_alive
from tests.integration.browser_pod.stage import Pod


class Blow(Enum):
    KILL = "kill -9"
    STOP = "SIGSTOP"

    def fall_on(self, process: psutil.Process) -> None:
        if self is Blow.KILL:
            process.kill()
        else:
            process.suspend()


def processes_of(pod: Pod) -> dict[str, list[psutil.Process]]:
    """Sort the living processes below a pod by what they do."""
    found: dict[str, list[psutil.Process]] = {}
    for process in pod.part.tree():
        try:
            command = " ".join(process.cmdline())
            name = process.name()
        except psutil.NoSuchProcess:
            continue
        if is_alive(process):
            found.setdefault(_role(command, name), []).append(process)
    return found


def _role(command: str, name: str) -> str:
    for mark, role in (
        ("--type=renderer", "renderer"),
        ("network.mojom.NetworkService", "network"),
        ("--type=gpu-process", "gpu"),
        ("--type=", "other helper"),
        ("bridge_browser", "pod"),
    ):
        if mark in command:
            return role
    return "browser" if "chromium" in name else "driver"


def zombies_of(pod: Pod) -> list[psutil.Process]:
    """Name those below the pod that have ended and that nobody has looked at."""
    return [process for process in pod.part.tree() if not is_alive(process)]
