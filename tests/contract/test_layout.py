"""The house keeps its shape: plain top folders, generated files that are current, files that can be read in one go."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLAIN_FOLDERS = ("operator", "router", "browser_pod", "crds", "cli", "runtime")


@pytest.mark.parametrize("folder", PLAIN_FOLDERS)
def test_a_top_folder_is_no_package(folder: str) -> None:
    assert not (ROOT / folder / "__init__.py").exists(), "it would shadow a module of the same name"


def test_generated_files_are_current() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "hack" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_file_of_ours_is_too_long_to_read_in_one_go() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for folder in (*PLAIN_FOLDERS, "bench")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 300
    ]

    assert long == []
