"""What the built-in site adapters offer: their settings models and their modes."""

from typing import NamedTuple

from bridge_api.base import SpecModel
from bridge_api.sites.arena import ArenaSettings
from bridge_api.spec.site import SiteMode


class Adapter(NamedTuple):
    settings: type[SpecModel]
    modes: tuple[SiteMode, ...]


ADAPTERS: dict[str, Adapter] = {"arena": Adapter(ArenaSettings, (SiteMode.DIRECT,))}
