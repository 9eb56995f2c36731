"""Which chat site a pool uses, and how."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StrictInt

from bridge_api.base import NotYet, SpecModel

SecretName = Annotated[str, Field(max_length=253, pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]
"""The name of a Secret; it is never a path."""


class SiteMode(StrEnum):
    DIRECT = "direct"
    BATTLE = "battle"
    SIDE_BY_SIDE = "sideBySide"


class SiteSpec(SpecModel):
    adapter: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$")]
    """Which adapter drives the page: `arena`. (`webchat` and entry points of group `bridge.sites` come later.)"""

    url: Annotated[
        str, Field(max_length=2048, pattern=r"^https?://[^\x00-\x20\x7F/?#@]+([/?#][^\x00-\x20\x7F]*)?$")
    ]
    """Where the site is: http or https, without a user name or password in it."""

    mode: SiteMode = SiteMode.DIRECT
    """What kind of chat to open. `direct` is one model of the caller's choice; the adapter says which modes it has."""

    settings: dict[str, Any] = {}
    """The adapter's own settings (selectors, paths, markers, length limit), so that a changed site needs no new image."""


class ProfileSpec(SpecModel):
    """An egress and an account: what an instance looks like to the site."""

    name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    """A name within the pool; shown with the profile's instances."""

    identity_secret: Annotated[SecretName | None, NotYet("identities")] = None
    """Secret with a stored session. Such an instance is alone: a session is used by one browser at a time."""

    proxy_secret: SecretName | None = None
    """Secret with the proxy of this profile's instances: `server` (`http://`, `https://` or `socks5://host:port`), and where it asks for them `username` and `password`. Locally the directory of that name in `--secrets-dir`, with a file for each key."""

    proxy_fallback_secret: Annotated[SecretName | None, NotYet("egress settings")] = None
    """Secret with the proxy to use when the first one itself cannot be reached; never an answer to a limit."""

    max_instances: Annotated[StrictInt | None, Field(ge=1, le=100)] = None
    """At most so many instances of this profile. Unset: no bound of its own. With an identity it is 1."""
