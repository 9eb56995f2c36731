"""Settings of the `arena` adapter: what the site calls its things, as data, so that a renamed control needs no new image.

The defaults are what public notes say of the site (docs/sites.md); each can be overridden in `site.settings`.
"""

from typing import Annotated

from pydantic import Field

from bridge_api.base import SpecModel


class ArenaPaths(SpecModel):
    direct: str = "/text/direct"
    """Page of a new direct chat."""

    create: str = "/nextjs-api/stream/create-evaluation"
    """The page's own call that starts a chat: its response is the answer's stream."""

    follow_up: str = "/nextjs-api/stream/post-to-evaluation/"
    """The page's own call for a further message; the conversation's id follows."""

    catalog: str = "/nextjs-api/model-catalog"
    """The page's own call for the list of models."""


class ArenaSelectors(SpecModel):
    """CSS selectors of the page's controls."""

    message_box: str = 'textarea[name="message"]'
    """Where the message is typed."""

    send: str = 'button[type="submit"]'
    """Sends the message; disabled until the page has seen the text."""

    stop: str = 'button[aria-label="Stop generation"]'
    """Stops a running answer."""

    model_picker: str = "button[role=combobox]"
    """Opens the list of models."""

    model_list: str = "[role=listbox]"
    """The list of models."""

    model_option: str = "[role=option]"
    """One model in the list."""

    cookie_accept: str = 'button:has-text("Accept Cookies")'
    """Dismisses the cookie banner."""

    terms_dialog: str = '[role=dialog]:has-text("Terms of Use")'
    """The terms of use, where the site asks for them."""

    terms_accept: str = '[role=dialog]:has-text("Terms of Use") button:has-text("Agree")'
    """Accepts the terms; pressed only where `acceptTerms` says so."""

    login_wall: str = '[data-testid="login-gate"], [role=dialog]:has-text("Log in to continue")'
    """What the page shows to somebody who must log in first."""

    challenge: str = (
        'iframe[src*="challenges.cloudflare.com"], iframe[title*="recaptcha challenge"], #challenge-form'
    )
    """What the page shows to somebody who must prove to be a person; only what is visible counts."""


class ArenaMarkers(SpecModel):
    """Texts by which a page or a response is known."""

    challenge_titles: list[str] = ["Just a moment..."]
    """Titles of pages that ask for a person."""

    challenge_html: list[str] = ["window._cf_chl_opt", "<title>Just a moment...</title>"]
    """Parts of an HTML response that ask for a person; looked for only where HTML is no answer."""

    challenge_errors: list[str] = ["recaptcha validation failed"]
    """Parts of a 403's body that ask for a person."""

    login_errors: list[str] = ["LOGIN_GATE", "does not have access to evaluation session"]
    """Parts of an error's body that ask for a login."""

    failed_answer: str = "hasArenaError"
    """A text record of exactly this content says that the model failed."""


class ArenaSettings(SpecModel):
    accept_terms: bool = False
    """Whether you have read the site's terms of use and accept them: the adapter then presses the button for you. Unset: a person does it."""

    max_message_characters: Annotated[int, Field(ge=100, le=10_000_000)] = 100_000
    """Longest message that the site takes; a longer chat is refused with `context_length_exceeded`."""

    page_timeout_seconds: Annotated[int, Field(ge=1, le=300)] = 30
    """Longest wait for the page to load and to show its controls."""

    paths: ArenaPaths = ArenaPaths()
    """Paths under the site's URL."""

    selectors: ArenaSelectors = ArenaSelectors()
    """The page's controls."""

    markers: ArenaMarkers = ArenaMarkers()
    """How failures are known."""
