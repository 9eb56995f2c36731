"""How Chromium is started: one list of features each way, and where it is looked for."""

import re
from pathlib import Path

import playwright
import pytest

from bridge_api.spec.browser import BrowserMode, BrowserSpec
from bridge_browser.chromium import (
    OWN_DISABLED_FEATURES,
    PLAYWRIGHT_DISABLED_FEATURES,
    PLAYWRIGHT_ENABLED_FEATURES,
    launch_options,
    places_to_look,
    playwright_channel,
    switches,
)


def features(arguments: list[str], switch: str) -> list[str]:
    (given,) = [argument for argument in arguments if argument.startswith(switch + "=")]
    return given.removeprefix(switch + "=").split(",")


def test_features_are_merged_into_one_list_each_way() -> None:
    merged = switches(
        ["--disable-features=Mine,MediaRouter", "--enable-features=Yours", "--disable-features=Other"]
    )

    disabled = features(merged, "--disable-features")
    assert disabled == [*PLAYWRIGHT_DISABLED_FEATURES, *OWN_DISABLED_FEATURES, "Mine", "Other"]
    assert features(merged, "--enable-features") == [*PLAYWRIGHT_ENABLED_FEATURES, "Yours"]
    assert {"WebUIOmniboxPopup", "WebUIOmniboxAimPopup"} <= set(disabled)


def test_other_switches_are_added_once() -> None:
    merged = switches(["--disable-gpu", "--mute-audio"])

    assert merged.count("--disable-gpu") == 1
    assert "--mute-audio" in merged
    assert "--disable-background-networking" in merged


def test_the_lists_of_playwright_are_those_of_the_installed_driver() -> None:
    bundle = Path(playwright.__file__).parent / "driver/package/lib/coreBundle.js"
    source = bundle.read_text(encoding="utf-8")

    for name, ours in (
        ("disabledFeatures", PLAYWRIGHT_DISABLED_FEATURES),
        ("enabledFeatures", PLAYWRIGHT_ENABLED_FEATURES),
    ):
        block = re.search(rf"\n    {name} = .*?\.filter\(Boolean\);", source, re.DOTALL)
        assert block is not None
        code = re.sub(r"//.*", "", block[0])
        assert tuple(text for text in re.findall(r'"(\w+)"', code) if text) == ours


@pytest.mark.parametrize(
    ("mode", "first", "channel"),
    [
        (BrowserMode.SHELL, "/usr/lib/chromium/chromium-headless-shell", "chromium-headless-shell"),
        (BrowserMode.HEADLESS, "chromium", "chromium"),
        (BrowserMode.HEADED, "chromium", "chromium"),
    ],
)
def test_each_mode_has_its_browser(mode: BrowserMode, first: str, channel: str) -> None:
    assert places_to_look(mode)[0] == first
    assert playwright_channel(mode) == channel


def test_only_a_headed_browser_shows_windows_and_never_stands_in_a_shell() -> None:
    assert launch_options(BrowserSpec(), sandbox=True).headless
    assert not launch_options(BrowserSpec(mode=BrowserMode.HEADED), sandbox=True).headless
    assert not any("shell" in place for place in places_to_look(BrowserMode.HEADED))
    assert "chromium-headless-shell" in places_to_look(BrowserMode.HEADLESS)
    assert "chromium" in places_to_look(BrowserMode.SHELL)
