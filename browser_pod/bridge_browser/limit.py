"""The site's limit on this instance: its slots share an egress, so what one of them is told holds for all."""

from collections.abc import Callable

from bridge_browser.sites.base import SiteFailure


class Limit:
    """None at first; one that is told while another holds lengthens it, never shortens it. Times are of a steady clock."""

    def __init__(self) -> None:
        self.failure: SiteFailure | None = None
        self.until = 0.0
        self._listeners: list[Callable[[], None]] = []

    def listen(self, tell: Callable[[], None]) -> None:
        """Have somebody told at once when a limit begins."""
        self._listeners.append(tell)

    def begin(self, failure: SiteFailure, until: float) -> None:
        """Note what the site has said."""
        if until <= self.until:
            return
        self.failure, self.until = failure, until
        for tell in self._listeners:
            tell()

    def holding(self, now: float) -> SiteFailure | None:
        """Return what the site has said, while it holds."""
        return self.failure if now < self.until else None
