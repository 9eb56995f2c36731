"""Write a planned answer to the page at its pace, until it ends, is stopped, or the page is gone."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from bridge_demo_site.answer.performance import Ending, Performance
from bridge_demo_site.answer.pieces import Piece
from bridge_demo_site.answer.plan import text_of
from bridge_demo_site.answer.records import Code, encode, finish
from bridge_demo_site.answer.stamps import fill
from bridge_demo_site.site import VISITOR, DemoSite, Interruption, RunningAnswer
from bridge_demo_site.state.conversations import Turn
from bridge_runtime.logs import get_logger

log = get_logger("demo-site")

LONGEST_HOLD_SECONDS = 900.0
"""How long a silent connection is kept: longer than any deadline under test, and not for ever."""

SLOWEST_READER_SECONDS = 60.0
"""How long a page may leave an answer unread before its stream is dropped."""

DISCONNECTED = "disconnected"
HEADERS = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-cache"}


class Writing:
    """One answer on its way: what was planned, and how far it has come."""

    def __init__(self, site: DemoSite, session_id: str, turn: Turn, performance: Performance) -> None:
        self._site = site
        self._session_id = session_id
        self._turn = turn
        self._performance = performance
        self._running = RunningAnswer(deaf=performance.ending is Ending.HOLD)
        self._last = Piece(0.0, b"", b"", 0)

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Write the answer as the response to a request."""
        response = web.StreamResponse(headers=HEADERS | self._performance.headers)
        response.enable_chunked_encoding()
        outcome = DISCONNECTED
        with self._registered():
            try:
                await response.prepare(request)
                outcome = await self._write(response)
            except ConnectionResetError:
                outcome = DISCONNECTED
            except TimeoutError:
                outcome = Interruption.CLOSED
            finally:
                self._note_end(request, outcome)
        if outcome in (Ending.CUT, Interruption.CLOSED) and request.transport is not None:
            request.transport.close()
        return response

    @contextmanager
    def _registered(self) -> Iterator[None]:
        """Be the session's answer, in place of one that may still be open there."""
        running = self._site.running
        if before := running.get(self._session_id):
            before.interrupt(Interruption.CLOSED)
        running[self._session_id] = self._running
        self._site.metrics.open_answers.inc()
        try:
            yield
        finally:
            self._site.metrics.open_answers.dec()
            if running.get(self._session_id) is self._running:
                del running[self._session_id]

    async def _write(self, response: web.StreamResponse) -> str:
        """Write piece after piece, and return how it ended."""
        start = asyncio.get_running_loop().time()
        for piece in self._performance.pieces:
            if wish := await self._interrupted_before(start + piece.at):
                if wish is Interruption.STOPPED:
                    await _write(response, self._last.rest + self._stopped_lanes())
                return wish
            self._last = piece
            stamped = self._performance.stamped
            await _write(response, fill(piece.data, time.monotonic()) if stamped else piece.data)
        if self._performance.ending is Ending.HOLD:
            return await self._hold()
        return self._performance.ending

    async def _interrupted_before(self, moment: float) -> Interruption | None:
        try:
            async with asyncio.timeout_at(moment):
                await self._running.interrupted.wait()
        except TimeoutError:
            return None
        return self._running.wish

    async def _hold(self) -> str:
        """Stay silent until somebody ends the connection."""
        await self._interrupted_before(asyncio.get_running_loop().time() + LONGEST_HOLD_SECONDS)
        return Interruption.CLOSED

    def _stopped_lanes(self) -> bytes:
        """Finish the lanes that have not finished by themselves."""
        records = [timed.record for timed in self._performance.records[: self._last.records_begun]]
        finished = {record.lane for record in records if record.code is Code.FINISH}
        open_lanes = [lane for lane in self._turn.message_ids if lane not in finished]
        return b"".join(encode(finish(lane, "stop")) for lane in open_lanes)

    def _note_end(self, request: web.Request, outcome: str) -> None:
        """Keep what was said, and say in the journal if the page has gone."""
        begun = [timed.record for timed in self._performance.records[: self._last.records_begun]]
        self._turn.replies = {lane: text_of(begun, lane) for lane in self._turn.message_ids}
        self._site.metrics.answers.labels(outcome).inc()
        log.info("answer", outcome=outcome, session=self._session_id, records=self._last.records_begun)
        if outcome == DISCONNECTED:
            self._site.note("disconnect", request[VISITOR], sessionId=self._session_id)


async def _write(response: web.StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(SLOWEST_READER_SECONDS):
        await response.write(data)
