"""hack/ensure_chromium.py: where Chromium is looked for, and how it is installed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hack.ensure_chromium import Unusable, find_chromium, ways_to_install


def which(*there: str) -> Callable[[str], str | None]:
    return lambda name: f"/usr/bin/{name}" if name in there else None


@pytest.fixture
def playwright(tmp_path: Path) -> Path:
    executable = tmp_path / "chromium-1234" / "chrome-linux" / "chrome"
    executable.parent.mkdir(parents=True)
    executable.touch(mode=0o755)
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "there", "expected"),
    [
        pytest.param({"BRIDGE_CHROMIUM": "mine"}, ("mine", "chromium"), "mine", id="the-chosen-one-first"),
        pytest.param(
            {},
            ("chromium", "chromium-headless-shell"),
            "/usr/bin/chromium-headless-shell",
            id="then-the-shell",
        ),
        pytest.param({}, ("chromium",), "/usr/bin/chromium", id="then-the-systems"),
    ],
)
def test_the_order_is_chosen_system_playwright(
    environment: dict[str, str], there: tuple[str, ...], expected: str, playwright: Path
) -> None:
    assert find_chromium(environment, which(*there), playwright) == expected


def test_playwrights_own_is_the_last(playwright: Path) -> None:
    assert find_chromium({}, which(), playwright) == str(
        playwright / "chromium-1234" / "chrome-linux" / "chrome"
    )


def test_without_any_there_is_none(tmp_path: Path) -> None:
    assert find_chromium({}, which(), tmp_path / "missing") is None


def test_a_choice_that_cannot_be_run_is_a_mistake_and_not_passed_over() -> None:
    with pytest.raises(Unusable, match="BRIDGE_CHROMIUM is nonsense"):
        find_chromium({"BRIDGE_CHROMIUM": "nonsense"}, which("chromium"), Path("/nowhere"))


def test_root_with_apt_installs_debians_packages_and_says_so_first() -> None:
    (first, commands), (second, _) = ways_to_install(root_with_apt=True)

    assert first == "installing Debian's packages chromium and chromium-headless-shell"
    assert [command[:2] for command in commands] == [("apt-get", "update"), ("apt-get", "install")]
    assert "--no-install-recommends" in commands[1]
    assert "Playwright" in second


def test_others_get_playwrights_download() -> None:
    ((what, commands),) = ways_to_install(root_with_apt=False)

    assert "Playwright" in what
    assert list(commands[0][1:]) == ["-m", "playwright", "install", "chromium"]
