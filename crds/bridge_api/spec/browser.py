"""Which browser an instance runs, and how."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StrictInt

from bridge_api.base import CelRule, SpecModel

SANDBOX_WEAKENING: Final = (
    "--no-sandbox",
    "--disable-setuid-sandbox",
    "--disable-namespace-sandbox",
    "--disable-seccomp-filter-sandbox",
    "--disable-gpu-sandbox",
    "--disable-web-security",
    "--disable-site-isolation-trials",
    "--single-process",
    "--no-zygote",
    "--allow-running-insecure-content",
    "--ignore-certificate-errors",
)
MANAGED_SWITCHES: Final = (
    "--headless",
    "--user-data-dir",
    "--remote-debugging-port",
    "--remote-debugging-pipe",
    "--remote-debugging-address",
    "--proxy-server",
    "--user-agent",
    "--window-size",
    "--lang",
)


class BrowserMode(StrEnum):
    SHELL = "shell"
    HEADLESS = "headless"
    HEADED = "headed"


class Sandbox(StrEnum):
    REQUIRED = "Required"
    DISABLED = "Disabled"


def _acceptable_switch(argument: str) -> str:
    switch = argument.split("=", 1)[0]
    if not switch.startswith("--"):
        raise ValueError(f"{argument} is not a switch: write --name or --name=value")
    if switch in SANDBOX_WEAKENING:
        raise ValueError(f"{switch} weakens the browser's isolation; browser.sandbox is the setting for it")
    if switch in MANAGED_SWITCHES:
        raise ValueError(f"{switch} is managed by the bridge; leave it out")
    return argument


class Viewport(SpecModel):
    width: Annotated[StrictInt, Field(ge=320, le=7680)] = 1280
    """CSS pixels."""

    height: Annotated[StrictInt, Field(ge=240, le=4320)] = 800
    """CSS pixels."""


class BrowserSpec(SpecModel):
    cel_rules = (
        CelRule(
            "self.extraArgs.all(argument, argument.startsWith('--'))",
            "extraArgs: each must be a switch: --name or --name=value",
        ),
        CelRule(
            f"!self.extraArgs.exists(argument, argument.split('=', 2)[0] in {list(SANDBOX_WEAKENING)})",
            "extraArgs: no switch that weakens the browser's isolation; browser.sandbox is the setting for it",
        ),
        CelRule(
            f"!self.extraArgs.exists(argument, argument.split('=', 2)[0] in {list(MANAGED_SWITCHES)})",
            "extraArgs: no switch that is managed by the bridge",
        ),
    )

    mode: BrowserMode = BrowserMode.SHELL
    """`shell` is chromium-headless-shell, which needs the least memory; `headless` is the full browser's new headless mode; `headed` shows windows (local only)."""

    viewport: Viewport = Viewport()
    """The page's size."""

    locale: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en-US"
    """Language of the pages, a BCP 47 tag."""

    timezone: Annotated[str | None, Field(max_length=64)] = None
    """Time zone of the pages, such as `Europe/Berlin`. Unset: the machine's own."""

    extra_args: Annotated[
        list[Annotated[str, Field(max_length=1024), AfterValidator(_acceptable_switch)]], Field(max_length=64)
    ] = []
    """More Chromium switches, merged with the bridge's own. Those that weaken isolation or that the bridge manages are refused."""

    block_urls: list[Annotated[str, Field(min_length=1, max_length=2048)]] = []
    """URL patterns (`*` matches anything) that pages must not load."""

    sandbox: Sandbox = Sandbox.REQUIRED
    """`Required`: no chat without Chromium's sandbox. `Disabled` is for machines where user namespaces are not to be had."""


class TemplateSpec(SpecModel):
    """Settings of the pods, passed on to Kubernetes as they are."""

    resources: dict[str, object] | None = None
    """Container resources, in place of the default: memory for `slots` pages of `browser.mode` with head room, and no limit of CPU."""

    node_selector: dict[str, str] | None = None
    """Labels a node must have."""

    tolerations: list[dict[str, object]] | None = None
    """Taints that are tolerated."""

    affinity: dict[str, object] | None = None
    """Affinity rules."""

    env: list[dict[str, object]] | None = None
    """More environment variables; those that the operator sets are refused."""

    priority_class_name: str | None = None
    """The pods' priority class."""

    topology_spread_constraints: list[dict[str, object]] | None = None
    """How pods spread over nodes and zones. Unset: over nodes, where that can be."""

    runtime_class_name: str | None = None
    """The pods' runtime class."""

    image_pull_secrets: list[dict[str, str]] | None = None
    """Secrets for private registries."""

    annotations: dict[str, str] | None = None
    """More annotations on pods; those of the operator are refused."""

    labels: dict[str, str] | None = None
    """More labels on pods; those of the operator are refused."""
