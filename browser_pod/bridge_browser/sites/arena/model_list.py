"""The page's list of models: read from the page's own call, and picked from as a person would."""

import asyncio
import json
from collections.abc import Sequence
from typing import Final

from playwright.async_api import Page, Response

from bridge_api.sites.arena import ArenaSettings
from bridge_browser.driver_calls import within
from bridge_browser.sites.arena import signals
from bridge_browser.sites.arena.catalog import option_index, pickable_models
from bridge_browser.sites.arena.gestures import Gestures
from bridge_browser.sites.base import CatalogModel, Signal, SiteFailed, SiteFailure

CATALOG_AGE_SECONDS: Final = 300.0
"""How old the known list may be before the page's next one is read."""

NO_CATALOG: Final = SiteFailure(
    Signal.CATALOG_MISSING,
    "The page has not loaded a list of models. If the site has moved it, set site.settings.paths.catalog.",
)


class ModelList:
    def __init__(self, page: Page, gestures: Gestures, settings: ArenaSettings) -> None:
        self._page = page
        self._gestures = gestures
        self._settings = settings
        self._response: Response | None = None
        self._came = asyncio.Event()
        self._listening = False
        self._read_at = 0.0
        self.models: Sequence[CatalogModel] = ()

    def expect(self) -> None:
        """Listen to what the page is about to load, if a list is wanted; what an earlier one has loaded cannot be read any more."""
        self._response = None
        self._came.clear()
        age = asyncio.get_running_loop().time() - self._read_at
        if not self.models or age > CATALOG_AGE_SECONDS:
            self._listen()

    def _listen(self) -> None:
        if not self._listening:
            self._page.on("response", self._note)
            self._listening = True

    def _listen_no_more(self) -> None:
        """Playwright keeps an object for each request that anybody listens to, as long as the page lives."""
        if self._listening:
            self._page.remove_listener("response", self._note)
            self._listening = False

    def _note(self, response: Response) -> None:
        """Keep a response of the page if it is the list."""
        if response.ok and self._settings.paths.catalog in response.url:
            self._response = response
            self._came.set()

    async def learn(self) -> None:
        """Read the list that the page has loaded; wait for it where none is known.

        Raises:
            SiteFailed: There is none.
        """
        if not self.models:
            try:
                await within(self._settings.page_timeout_seconds, self._came.wait())
            except TimeoutError:
                raise SiteFailed(NO_CATALOG) from None
        if self._response is not None:
            response, self._response = self._response, None
            self.models = _read(await self._gestures.make(response.body(), NO_CATALOG))
            self._read_at = asyncio.get_running_loop().time()
            self._listen_no_more()

    async def pick(self, model: CatalogModel) -> None:
        """Open the list and pick a model, unless it is the one shown.

        Raises:
            SiteFailed: It cannot be picked.
        """
        selectors, make = self._settings.selectors, self._gestures.make
        picker = self._gestures.visible(selectors.model_picker)
        missing = signals.control_missing("modelPicker", selectors.model_picker, "There is no list of models")
        shown = await make(picker.inner_text(), missing)
        if shown.strip() == model.name and self._has_no_twin(model):
            return
        await make(picker.click(), missing)
        await self._pick_from_open_list(model)

    async def _pick_from_open_list(self, model: CatalogModel) -> None:
        selectors, make = self._settings.selectors, self._gestures.make
        missing = signals.control_missing("modelList", selectors.model_list, "The list did not open")
        models = self._gestures.visible(selectors.model_list)
        await make(models.wait_for(), missing)
        options = models.locator(selectors.model_option)
        texts = await make(options.all_inner_texts(), missing)
        if not texts:
            empty = signals.control_missing("modelOption", selectors.model_option, "The list is empty")
            raise SiteFailed(empty)
        index = option_index(texts, model)
        if index is None:
            raise SiteFailed(SiteFailure(Signal.NOT_AS_ASKED, f"{model.name} is not in the page's list."))
        await make(options.nth(index).click(), missing)

    def _has_no_twin(self, model: CatalogModel) -> bool:
        return sum(other.name == model.name for other in self.models) == 1


def _read(body: bytes) -> Sequence[CatalogModel]:
    try:
        models = pickable_models(json.loads(body))
    except ValueError:
        models = []
    if not models:
        raise SiteFailed(NO_CATALOG)
    return models
