"""Which adapter drives which site."""

from bridge_api.spec import SiteSpec
from bridge_browser.browser import Browser
from bridge_browser.sites.arena.site import ArenaSite
from bridge_browser.sites.base import Site


def make_site(browser: Browser, spec: SiteSpec) -> Site:
    """Make the site that the pool names; the start has refused the names that are not here."""
    return {"arena": ArenaSite}[spec.adapter](browser, spec)
