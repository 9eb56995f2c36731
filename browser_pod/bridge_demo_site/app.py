"""The demo site as an aiohttp application."""

from pathlib import Path

from aiohttp import web

from bridge_demo_site.identity import know_visitor, set_visitor_cookie
from bridge_demo_site.routes import account, chats, control, pages
from bridge_demo_site.settings import DemoSiteSettings
from bridge_demo_site.site import SITE, DemoSite
from bridge_demo_site.state.catalog import Catalog

LARGEST_BODY_BYTES = 5_000_000
"""Above it the site answers 413."""

_HERE = Path(__file__).parent


def make_site(settings: DemoSiteSettings) -> DemoSite:
    return DemoSite(settings, Catalog.from_json((_HERE / "catalog.json").read_text(encoding="utf-8")))


def make_app(site: DemoSite) -> web.Application:
    """Put the site's routes together."""
    app = web.Application(middlewares=[know_visitor], client_max_size=LARGEST_BODY_BYTES)
    app[SITE] = site
    app.on_response_prepare.append(set_visitor_cookie)
    for part in (pages, chats, account, control):
        app.add_routes(part.routes)
    app.router.add_static("/static", _HERE / "static")
    return app
