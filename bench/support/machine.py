"""The machine that figures were measured on."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil
from pydantic import BaseModel

from bridge_api.spec import BrowserSpec
from bridge_browser.launching import find_chromium


class Machine(BaseModel):
    processor: str
    cores: int
    memory_gib: float
    kernel: str
    python: str
    chromium: str
    playwright: str
    load_before: float
    """Average number of runnable processes in the minute before: above a few tenths, others were working too."""


def this_machine() -> Machine:
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 0,
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        kernel=platform.release(),
        python=platform.python_version(),
        chromium=_chromium(),
        playwright=version("playwright"),
        load_before=round(os.getloadavg()[0], 2),
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _chromium() -> str:
    found = find_chromium(BrowserSpec(), None)
    if found is None:
        return "Playwright's own"
    asked = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or Path(found).name
