"""The processes of a local system that can die, and how they are found."""

from enum import StrEnum

import psutil

from bench.support.systems import Failed, Part
from bench.support.trees import Role, role, tree


class Victim(StrEnum):
    RENDERER = "renderer"
    NETWORK_SERVICE = "network service"
    GPU = "GPU process"
    BROWSER = "browser"
    DRIVER = "driver"
    POD = "pod (the instance's Python)"
    ROUTER = "router"


def find(victim: Victim, system: Part) -> psutil.Process:
    """Find the first such process below a system.

    Raises:
        Failed: There is none.
    """
    for process in tree(system.pid):
        if _is(victim, process):
            return process
    raise Failed(f"there is no {victim} to kill")


def _is(victim: Victim, process: psutil.Process) -> bool:
    try:
        command, kind = process.cmdline(), role(process)
    except psutil.Error:
        return False
    if kind is Role.CHROMIUM:
        return _chromium_part(command) is victim
    return victim is (Victim.DRIVER if kind is Role.DRIVER else _python_part(command))


def _chromium_part(command: list[str]) -> Victim | None:
    whole = " ".join(command)
    if "--type=" not in whole:
        return Victim.BROWSER
    marks = {
        "--type=renderer": Victim.RENDERER,
        "network.mojom.NetworkService": Victim.NETWORK_SERVICE,
        "--type=gpu-process": Victim.GPU,
    }
    return next((victim for mark, victim in marks.items() if mark in whole), None)


def _python_part(command: list[str]) -> Victim | None:
    parts = {"bridge_browser": Victim.POD, "bridge_router": Victim.ROUTER}
    return next((victim for module, victim in parts.items() if module in command), None)
