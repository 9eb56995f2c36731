"""The tap: one call of the page, request and response, as Chromium's debugging protocol shows it while it comes.

Source: Chrome DevTools Protocol, domain Network (`streamResourceContent` is experimental).
"""

import asyncio
import base64
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from bridge_browser.driver_calls import DEADLINE_SECONDS, needed, within

MAX_HELD_BYTES: Final = 4 * 1024 * 1024
"""What may wait here for the parser, which is faster than any site."""

BUFFER_BYTES: Final = 1024 * 1024
"""What Chromium keeps of one response: enough for an error's body, and for what came before the tap opened."""

MAX_ERROR_BODY: Final = 64 * 1024
OK: Final = 200


@dataclass(frozen=True, slots=True)
class RequestSent:
    path: str
    body: str


@dataclass(frozen=True, slots=True)
class Redirected:
    status: int


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """A response that is no answer, whole."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Body:
    data: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """The response is complete."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The call came to nothing, or to no end."""

    why: str


TapEvent = RequestSent | Redirected | ErrorResponse | Body | Ended | Failed


class Exchange:
    """One POST of the page. Events are in order; after Ended, Failed, Redirected or ErrorResponse none comes."""

    def __init__(self, session: CDPSession, is_wanted: Callable[[str], bool]) -> None:
        self._session = session
        self._is_wanted = is_wanted
        self._request: str | None = None
        self._events: deque[TapEvent] = deque()
        self._held_bytes = 0
        self._news = asyncio.Event()
        self._opening: asyncio.Task[None] | None = None
        self._before_open: list[Body] | None = None
        self._complete = asyncio.Event()
        self.over = False

    async def take(self, timeout_seconds: float) -> list[TapEvent]:
        """Wait for events and return all there are; none after `wake`.

        Raises:
            TimeoutError: Nothing came in time.
        """
        if not self._events:
            await within(timeout_seconds, self._news.wait())
        self._news.clear()
        taken = list(self._events)
        self._events.clear()
        self._held_bytes = 0
        return taken

    def give_back(self, events: list[TapEvent]) -> None:
        """Put taken events before those that wait."""
        self._events.extendleft(reversed(events))

    def wake(self) -> None:
        """End a wait of `take` at once."""
        self._news.set()

    def fail(self, why: str) -> None:
        """End it: the page is not what it was."""
        self._put(Failed(why))

    async def close(self) -> None:
        self.over = True
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])

    def on_request(self, event: dict[str, Any]) -> None:
        request = event["request"]
        if self._request is None:
            path = urlsplit(request["url"]).path
            if request["method"] == "POST" and self._is_wanted(path):
                self._request = event["requestId"]
                self._put(RequestSent(path, request.get("postData", "")))
        elif self._is_mine(event) and "redirectResponse" in event:
            self._put(Redirected(int(event["redirectResponse"]["status"])))

    def on_response(self, event: dict[str, Any]) -> None:
        if not self._is_mine(event) or self.over:
            return
        status = int(event["response"]["status"])
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        opening = self._open_stream() if status == OK else self._read_error(status, headers)
        self._before_open = []
        self._opening = asyncio.create_task(opening)

    def on_data(self, event: dict[str, Any]) -> None:
        if self._is_mine(event) and "data" in event:
            body = Body(base64.b64decode(event["data"]))
            if self._before_open is None:
                self._put(body)
            else:
                self._before_open.append(body)

    def on_finished(self, event: dict[str, Any]) -> None:
        if self._is_mine(event):
            self._complete.set()
            if self._before_open is None:
                self._put(Ended())

    def on_failed(self, event: dict[str, Any]) -> None:
        if self._is_mine(event):
            self._put(Failed(str(event.get("errorText", "cancelled"))))

    async def _open_stream(self) -> None:
        """Have the body streamed; what comes before the command has returned is put behind what it returns."""
        try:
            first = await self._what_has_come()
        except TimeoutError:
            self._put(Failed("the browser does not answer"))
            return
        waiting, self._before_open = self._before_open or [], None
        for body in (Body(first), *waiting):
            self._put(body)
        if self._complete.is_set():
            self._put(Ended())

    async def _what_has_come(self) -> bytes:
        try:
            call = self._session.send("Network.streamResourceContent", {"requestId": self._request})
            return base64.b64decode((await within(DEADLINE_SECONDS, call))["bufferedData"])
        except PlaywrightError:  # a short body is complete before it can be streamed
            await within(DEADLINE_SECONDS, self._complete.wait())
            return await self._whole_body()

    async def _read_error(self, status: int, headers: Mapping[str, str]) -> None:
        try:
            await within(DEADLINE_SECONDS, self._complete.wait())
        except TimeoutError:
            self._put(ErrorResponse(status, headers, ""))
            return
        body = (await self._whole_body())[:MAX_ERROR_BODY]
        self._put(ErrorResponse(status, headers, body.decode(errors="replace")))

    async def _whole_body(self) -> bytes:
        try:
            call = self._session.send("Network.getResponseBody", {"requestId": self._request})
            answer = await within(DEADLINE_SECONDS, call)
        except (PlaywrightError, TimeoutError):
            return b""  # longer than the buffer, or there is none
        body: str = answer["body"]
        return base64.b64decode(body) if answer["base64Encoded"] else body.encode()

    def _is_mine(self, event: dict[str, Any]) -> bool:
        return self._request is not None and event["requestId"] == self._request

    def _put(self, event: TapEvent) -> None:
        if self.over:
            return
        self._held_bytes += len(event.data) if isinstance(event, Body) else 0
        if self._held_bytes > MAX_HELD_BYTES:
            event = Failed("the answer came faster than it could be read")
        self.over = not isinstance(event, RequestSent | Body)
        self._events.append(event)
        self._news.set()


class Tap:
    """Listens to the network of one page; at most one exchange is watched."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._exchange: Exchange | None = None

    async def start(self, *, max_request_bytes: int) -> None:
        """Begin to listen. Request bodies up to the given length are shown."""
        for name, method in (
            ("requestWillBeSent", Exchange.on_request),
            ("responseReceived", Exchange.on_response),
            ("dataReceived", Exchange.on_data),
            ("loadingFinished", Exchange.on_finished),
            ("loadingFailed", Exchange.on_failed),
        ):
            self._session.on(f"Network.{name}", self._passing_to(method))
        bounds = {
            "maxTotalBufferSize": 2 * BUFFER_BYTES,
            "maxResourceBufferSize": BUFFER_BYTES,
            "maxPostDataSize": max_request_bytes,
        }
        await needed(self._session.send("Network.enable", bounds))

    @property
    def answering(self) -> bool:
        """Whether the exchange that is watched goes on."""
        return self._exchange is not None and not self._exchange.over

    def expect(self, is_wanted: Callable[[str], bool]) -> Exchange:
        """Watch the page's next POST to such a path."""
        self._exchange = Exchange(self._session, is_wanted)
        return self._exchange

    def fail(self, why: str) -> None:
        """End the exchange that is watched, if any."""
        if self._exchange is not None:
            self._exchange.fail(why)

    def _passing_to(self, method: Any) -> Any:
        def pass_on(event: dict[str, Any]) -> None:
            if self._exchange is not None:
                method(self._exchange, event)

        return pass_on
