"""Settings of the demo site."""

from pydantic import Field

from bridge_runtime.settings import PartSettings


class DemoSiteSettings(PartSettings):
    """A stand-in for the arena site, to try and test everything without touching anybody's site."""

    port: int = Field(default=5105, ge=0, le=65535)
    """Port of the site; 0 takes a free one."""

    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port of the probes and of `/metrics`; a free one, because nobody watches a stand-in by habit."""

    tokens: int = Field(default=120, ge=1, le=100_000)
    """Text records of an answer, where the message says nothing; with the pace about 6 seconds."""

    pace_ms: float = Field(default=50.0, ge=0, le=60_000)
    """Milliseconds between two records of an answer, where the message says nothing."""

    terms: bool = True
    """Ask each new browser context to accept the terms of use."""

    cookie_banner: bool = True
    """Show each new browser context a cookie banner."""

    sign_in: bool = False
    """Ask each browser context to log in; any e-mail address and password will do."""

    seed: int = 0
    """Where chance starts: the same seed and the same requests give the same answers, cut in the same places."""
