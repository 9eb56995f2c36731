"""Which Chromium is started, and with which switches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bridge_api.spec.browser import BrowserMode, BrowserSpec

PLAYWRIGHT_DISABLED_FEATURES: Final = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
)
"""Playwright's own list: Chromium takes only the last `--disable-features`, so ours must have it (a test compares them)."""

PLAYWRIGHT_ENABLED_FEATURES: Final = ("CDPScreenshotNewSurface", "SkipListAccountsWithoutGaiaCookies")
"""As above, for `--enable-features`."""

OWN_DISABLED_FEATURES: Final = (
    "WebUIOmniboxPopup",  # with the next: pre-rendered per context even headless, a third of the memory
    "WebUIOmniboxAimPopup",
    "SpareRendererForSitePerProcess",
    "PartitionAllocLargeThreadCacheSize",  # each thread hoards freed memory for itself: 2 MB a slot
)

OWN_SWITCHES: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-first-run",
)

SHELL_NAME: Final = "chromium-headless-shell"
DEBIAN_SHELL: Final = "/usr/lib/chromium/chromium-headless-shell"
"""The program itself: Debian's command of that name is a shell script that stays in between."""

FULL_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """How Playwright is to start the browser."""

    headless: bool
    sandbox: bool
    args: list[str]


def launch_options(spec: BrowserSpec, *, sandbox: bool) -> LaunchOptions:
    return LaunchOptions(
        headless=spec.mode is not BrowserMode.HEADED, sandbox=sandbox, args=switches(spec.extra_args)
    )


def switches(extra: Sequence[str]) -> list[str]:
    """Merge the bridge's switches with a pool's: one list of features each way, everything else once."""
    plain = [*OWN_SWITCHES, *(switch for switch in extra if not switch.startswith(_FEATURE_SWITCHES))]
    disabled = [*PLAYWRIGHT_DISABLED_FEATURES, *OWN_DISABLED_FEATURES, *_features(_DISABLE, extra)]
    enabled = [*PLAYWRIGHT_ENABLED_FEATURES, *_features(_ENABLE, extra)]
    return [*_once(plain), _DISABLE + ",".join(_once(disabled)), _ENABLE + ",".join(_once(enabled))]


_DISABLE: Final = "--disable-features="
_ENABLE: Final = "--enable-features="
_FEATURE_SWITCHES: Final = (_DISABLE, _ENABLE)


def _features(switch: str, extra: Sequence[str]) -> list[str]:
    lists = (argument.removeprefix(switch) for argument in extra if argument.startswith(switch))
    return [feature for names in lists for feature in names.split(",") if feature]


def _once(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))


def places_to_look(mode: BrowserMode) -> tuple[str, ...]:
    """List the commands that may be there, best first: each kind of Chromium stands in for the other where it can."""
    match mode:
        case BrowserMode.SHELL:
            return (DEBIAN_SHELL, SHELL_NAME, *FULL_NAMES)
        case BrowserMode.HEADLESS:
            return (*FULL_NAMES, DEBIAN_SHELL, SHELL_NAME)
        case BrowserMode.HEADED:
            return FULL_NAMES


def playwright_channel(mode: BrowserMode) -> str:
    """Name Playwright's own build, for a machine without any of the commands."""
    return SHELL_NAME if mode is BrowserMode.SHELL else "chromium"
