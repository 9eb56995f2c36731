"""Every reason of a trouble, worst first, and what a person can do about it; docs/reference/reasons.md is made from it."""

from collections.abc import Iterable
from typing import NamedTuple

INVALID_SETTINGS = "InvalidSettings"
PROGRESS_DEADLINE = "ProgressDeadlineExceeded"
OBJECTS_REFUSED = "ObjectsRefused"
REVISION_UNREADABLE = "RevisionUnreadable"


class Trouble(NamedTuple):
    """Something that keeps a pool from being as wanted. The message does not change by itself: each change is a write."""

    reason: str
    message: str
    where: str = ""
    """Whose trouble it is: a pod's name; empty: the pool's."""

    needs_human: bool = False
    """It waits for a person at the page."""


ADVICE = {
    INVALID_SETTINGS: "put the spec right",
    PROGRESS_DEADLINE: "the old revision serves; the pool's Events say what was wrong with the new one: put the spec right",
    OBJECTS_REFUSED: "a quota, a policy or missing rights: change what the message names",
    REVISION_UNREADABLE: "nothing goes back to it, its instances go when they are idle; a newer operator may read it",
    "QuotaExceeded": "raise the namespace's quota, or lower autoscaling.maxInstances or template.resources",
    "PodsRefused": "something in the cluster refuses the pods: the message says what",
    "ImagePullFailed": "check the image's name (spec.image, or the chart's) and template.imagePullSecrets",
    "SecretMissing": "make the Secret with the keys that are wanted",
    "SecretInvalid": "put the Secret right",
    "ConfigError": "check template.env and what it refers to",
    "SandboxUnavailable": "put the seccomp profile on the nodes, or set browser.sandbox: Disabled",
    "BrowserMissing": "use an image that has the browser of browser.mode",
    "Unschedulable": "make room, or change template.resources, nodeSelector, affinity or tolerations",
    "OutOfMemory": "raise template.resources.limits.memory, or lower slots",
    "CrashLooping": "read the pod's log: kubectl logs --previous",
    "InstanceUnreachable": "let the operator reach its port 8080 (network policies), with the master token that it was made with",
    "BrowserBroken": "see the pod's log",
    "BrowserHangs": "see the pod's log, and whether the node is short of CPU",
    "BrowserFailed": "it is tried again; see the pod's log",
    "ProxyRefused": "put username and password right in the proxy's Secret",
    "ProxyUnreachable": "see that the proxy runs, and that its Secret names it",
    "SiteUnreachable": "it is tried again; check site.url and whether the cluster lets pods reach it",
    "ControlMissing": "the page has changed: set site.settings.selectors",
    "CatalogMissing": "the site has moved its list of models: set site.settings.paths.catalog",
    "LoginRequired": "the site wants a login: the profile needs an account",
    "TermsNotAccepted": "read the site's terms; if you accept them, set site.settings.acceptTerms",
    "Challenge": "a person must pass it in that slot; it is looked at again by itself",
    "RateLimited": "it is waited out",
    "ProfileLimit": "raise maxInstances of a profile, or add one; or lower autoscaling.minInstances or replicas",
}

_ORDER = {reason: place for place, reason in enumerate(ADVICE)}
MOST_REASONS = 3
"""More are not read; the first ones are the worst."""

MOST_CHARACTERS = 400
"""Of one message of somebody else's: a log's last lines can be long."""


def by_severity(troubles: Iterable[Trouble]) -> list[Trouble]:
    """Sort them worst first, and the same way each time."""
    return sorted(troubles, key=lambda one: (_ORDER.get(one.reason, len(_ORDER)), one))


def told(troubles: Iterable[Trouble]) -> str:
    """Say what is wrong and what to do: each reason once, worst first."""
    by_reason: dict[str, list[Trouble]] = {}
    for one in by_severity(troubles):
        by_reason.setdefault(one.reason, []).append(one)
    return "; ".join(_told(alike) for alike in list(by_reason.values())[:MOST_REASONS])


def _told(alike: list[Trouble]) -> str:
    first = alike[0]
    others = len({one.where for one in alike}) - 1
    where = f"{first.where}{f' and {others} more' if others else ''}: " if first.where else ""
    said = shortened(first.message).rstrip(".")
    advice = ADVICE.get(first.reason)
    return f"{where}{said} ({advice})" if advice else f"{where}{said}"


def shortened(message: str) -> str:
    flat = " ".join(message.split())
    return flat if len(flat) <= MOST_CHARACTERS else flat[: MOST_CHARACTERS - 1] + "\u2026"
