"""Watch a browser and its driver: who has died, who hangs, and whether the cookies are still there.

Nothing else tells: `is_connected()` stays true when the driver dies, and a dead network service empties every context's
cookies without a word, because Chromium starts another one.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NoReturn

import psutil
from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from bridge_browser.changes import Lives
from bridge_browser.driver_calls import within
from bridge_browser.processes import Deaths, ProcessTree, is_stopped, kill
from bridge_browser.vitals import NETWORK, RENDERER, Standstill, Vitals
from bridge_runtime.family import is_alive
from bridge_runtime.logs import get_logger

log = get_logger("browser")

LOOK_EVERY_SECONDS: Final = 0.5
"""How often the processes are looked at: reading what the kernel says of a dozen takes less than a millisecond."""

TREE_EVERY: Final = 10
"""Looks at the whole process tree are rarer: each reads every process of the machine."""

ASK_EVERY_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 3.0
"""What answers in a millisecond has so long; a machine with much to do has been seen to take two seconds."""

MISSED_ANSWERS: Final = 2
"""So many in a row, and whoever was asked hangs."""

PROCESSES: Final = "SystemInfo.getProcessInfo"
COOKIES: Final = "Storage.getCookies"
"""Of the browser's own context, where there is none: what counts is that the network service answers."""


class BrowserLost(Exception):
    """The browser or its driver is of no use any more; `kind` says which."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the {kind} has died or hangs")
        self.kind = kind


class Watch:
    """Looks after one browser. What is lost is killed at once, so that every call that waits for it ends."""

    def __init__(
        self,
        browser: PlaywrightBrowser,
        session: CDPSession,
        driver: psutil.Process,
        tree: ProcessTree,
        crashed: Callable[[str], None],
    ) -> None:
        self.network = Lives()
        """Grows each time the network service dies: no context of an earlier life has its cookies."""

        self._browser = browser
        self._session = session
        self._main: dict[str, psutil.Process] = {"driver": driver}
        self._tree = tree
        self._crashed = crashed
        self._helpers: dict[int, tuple[psutil.Process, str]] = {}
        self._standstill = Standstill()
        self._deaths = Deaths()

    async def begin(self) -> None:
        """Learn which processes there are.

        Raises:
            PlaywrightError, TimeoutError, psutil.NoSuchProcess: The browser is no sooner started than gone.
        """
        # Chromium starts the network service when it is first needed: it must be known before any cookie is in it.
        await within(ANSWER_SECONDS * MISSED_ANSWERS, self._session.send(COOKIES))
        answer = await within(ANSWER_SECONDS * MISSED_ANSWERS, self._session.send(PROCESSES))
        vitals = Vitals.read(answer)
        self._main["browser"] = psutil.Process(vitals.browser)
        self._know(vitals)

    async def look(self) -> None:
        """Look at the processes for as long as the main ones live.

        Raises:
            BrowserLost: One has died or hangs.
        """
        looks = 0
        try:
            while True:
                self._expect_deaths()
                self._look_at_main_ones()
                self._look_at_helpers()
                if await self._deaths.wait(LOOK_EVERY_SECONDS):
                    continue
                self._look_for_hung()
                if looks % TREE_EVERY == 0:
                    self._tree.note()
                looks += 1
        finally:
            self._deaths.close()

    async def ask(self) -> None:
        """Have driver, browser and network service answer, again and again.

        Raises:
            BrowserLost: The browser or the driver does not.
        """
        while True:
            await asyncio.sleep(ASK_EVERY_SECONDS)
            try:
                answer = await self._patiently(PROCESSES)
            except TimeoutError:
                self._crashed("hang")
                self._lose("driver")  # or the browser: the answer would have come through both
            if answer is not None:
                self._know(Vitals.read(answer))
            try:
                await self._patiently(COOKIES)
            except TimeoutError:
                self._network_hangs()

    async def _patiently(self, question: str) -> dict[str, Any] | None:
        """Ask once more before silence counts: this process itself may have been slow. None: an error is an answer too.

        Raises:
            TimeoutError: There was none.
        """
        for asked in range(1, MISSED_ANSWERS + 1):
            try:
                answer: dict[str, Any] = await within(ANSWER_SECONDS, self._session.send(question))
            except PlaywrightError:
                return None
            except TimeoutError:
                if asked == MISSED_ANSWERS:
                    raise
            else:
                return answer
        return None

    def _know(self, vitals: Vitals) -> None:
        """Compare with what was known: Chromium may have replaced a process between two looks."""
        self._look_at_helpers()
        for number in vitals.helpers.keys() - self._helpers.keys():
            with suppress(psutil.NoSuchProcess):
                self._helpers[number] = psutil.Process(number), vitals.helpers[number]

    def _look_at_main_ones(self) -> None:
        for role, process in self._main.items():
            if not is_alive(process):
                self._lose(role)
        if not self._browser.is_connected():
            self._lose("browser")

    def _look_at_helpers(self) -> None:
        for number, (process, role) in list(self._helpers.items()):
            if not is_alive(process):
                del self._helpers[number]
                self._helper_died(role)

    def _expect_deaths(self) -> None:
        for process in (*self._main.values(), *(process for process, _ in self._helpers.values())):
            self._deaths.expect(process)

    def _helper_died(self, role: str) -> None:
        if role == RENDERER:
            return  # it may have ended with its page; one that dies under its page is told of by the page
        self._crashed(role)
        log.warning("a process of the browser died", role=role)
        if role == NETWORK:
            self.network.begin_next()

    def _look_for_hung(self) -> None:
        known = dict(self._helpers)
        known |= {process.pid: (process, role) for role, process in self._main.items()}
        stopped = [number for number, (process, _) in known.items() if is_stopped(process)]
        for number in self._standstill.hung(stopped):
            self._hangs(*known[number])

    def _network_hangs(self) -> None:
        found = [process for process, role in self._helpers.values() if role == NETWORK]
        if found:
            self._hangs(found[0], NETWORK)
        else:  # it is a part of the browser's main process
            self._hangs(self._main["browser"], "browser")

    def _hangs(self, process: psutil.Process, role: str) -> None:
        """Kill what hangs: from then on it is one that has died."""
        self._crashed("hang")
        log.warning("a process hangs and is killed", role=role, pid=process.pid)
        kill(process)
        if role in self._main:
            self._lose(role)

    def _lose(self, role: str) -> NoReturn:
        if role == "driver":
            kill(self._main[role])
        self._tree.kill()
        raise BrowserLost(role)
