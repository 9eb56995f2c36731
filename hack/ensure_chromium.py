"""See that there is a Chromium, and install one where that can be done; needs nothing but Python.

The order is the browser pod's: BRIDGE_CHROMIUM, then the system's, then Playwright's.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

SYSTEM_NAMES = ("chromium-headless-shell", "chromium")
PACKAGES = ("chromium", "chromium-headless-shell")
PLAYWRIGHT_NAMES = ("chrome", "headless_shell", "chrome-headless-shell", "Chromium")


class Unusable(Exception):
    """BRIDGE_CHROMIUM names something that cannot be run."""


def find_chromium(
    environment: Mapping[str, str], which: Callable[[str], str | None], playwright_folder: Path
) -> str | None:
    """Find the Chromium that a browser pod would find, or None."""
    if chosen := environment.get("BRIDGE_CHROMIUM"):
        if which(chosen) is None:
            raise Unusable(f"BRIDGE_CHROMIUM is {chosen}, which cannot be run: correct it or unset it")
        return chosen
    for name in SYSTEM_NAMES:
        if found := which(name):
            return found
    executables = (
        path for name in PLAYWRIGHT_NAMES for path in playwright_folder.glob(f"chromium*/**/{name}")
    )
    return next((str(path) for path in executables if path.is_file() and os.access(path, os.X_OK)), None)


def playwright_folder(environment: Mapping[str, str], platform: str) -> Path:
    """Return where Playwright keeps its browsers (Playwright documentation, "Browsers", "Managing browser binaries")."""
    if chosen := environment.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(chosen)
    cache = Path.home() / ("Library/Caches" if platform == "darwin" else ".cache")
    return cache / "ms-playwright"


def ways_to_install(*, root_with_apt: bool) -> list[tuple[str, list[Sequence[str]]]]:
    """List what to try, in order: what to say first, and the commands."""
    playwright: Sequence[str] = (sys.executable, "-m", "playwright", "install", "chromium")
    download: tuple[str, list[Sequence[str]]] = ("downloading Playwright's Chromium", [playwright])
    if not root_with_apt:
        return [download]
    install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES)
    return [
        (f"installing Debian's packages {' and '.join(PACKAGES)}", [("apt-get", "update", "-qq"), install]),
        download,
    ]


def main() -> int:
    folder = playwright_folder(os.environ, sys.platform)
    try:
        if find_chromium(os.environ, shutil.which, folder):
            return 0
    except Unusable as unusable:
        print(unusable, file=sys.stderr)
        return 1
    root_with_apt = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None
    for what, commands in ways_to_install(root_with_apt=root_with_apt):
        print(f"There is no Chromium here: {what}", flush=True)
        if all(_succeeds(command) for command in commands) and find_chromium(
            os.environ, shutil.which, folder
        ):
            return 0
    print(
        "Chromium could not be installed. Install it by hand, on Debian with\n"
        f"    sudo apt-get update && sudo apt-get install {' '.join(PACKAGES)}\n"
        "or say where it is: BRIDGE_CHROMIUM=/path/to/chromium",
        file=sys.stderr,
    )
    return 1


def _succeeds(command: Sequence[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
