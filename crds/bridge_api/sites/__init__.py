"""What the built-in site adapters offer: their settings models and their modes."""

from typing import NamedTuple

from bridge_api.base import SpecModel
from bridge_api.sites.arena import ArenaSettings
from bridge_api.spec.site import SiteMode


class Adapter(NamedTuple):
    settings: type[SpecModel]
    modes: tuple[SiteMode, ...]


ADAPTERS_TO_COME = ("webchat",)
"""Names that a pool file may already hold; no part of this version can drive such a site."""

ADAPTERS: dict[str, Adapter] = {"arena": Adapter(ArenaSettings, (SiteMode.DIRECT,))}
