"""A run's temporary directory is private, goes at the end, and is cleared away by a later run where it could not."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

from bridge_operator.local.temporary import temporary_dir

HOLDER = """
import sys, time
from pathlib import Path
from bridge_operator.local.temporary import temporary_dir
with temporary_dir(Path(sys.argv[1])) as made:
    (made / "secret").write_text("token")
    print(made, flush=True)
    sys.stdin.read()
"""


def hold(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    """Have another process hold a directory."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def end(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=10)


def test_it_is_private_and_goes_at_the_end(tmp_path: Path) -> None:
    with temporary_dir(tmp_path) as made:
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
        (made / "token").write_text("secret")

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_has_left_goes_at_the_next_start(tmp_path: Path) -> None:
    process, left = hold(tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    end(process)
    assert (left / "secret").exists()

    with temporary_dir(tmp_path):
        assert not left.exists()


def test_what_a_running_one_uses_stays(tmp_path: Path) -> None:
    process, used = hold(tmp_path)
    try:
        with temporary_dir(tmp_path) as made:
            assert (used / "secret").exists()
            assert made != used
        assert (used / "secret").exists()
    finally:
        end(process)
    assert not used.exists()


def test_a_folder_of_the_same_kind_of_name_that_is_not_a_runs_stays(tmp_path: Path) -> None:
    (tmp_path / "bridge-notes").mkdir()
    (tmp_path / "bridge-notes" / "text").touch()

    with temporary_dir(tmp_path):
        pass

    assert (tmp_path / "bridge-notes" / "text").exists()
