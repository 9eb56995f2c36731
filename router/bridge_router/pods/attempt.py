"""One try of a request at one endpoint: it owns the lease and the connection from the sending until it is closed."""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from bridge_api.errors import ErrorKind
from bridge_api.spec.serving import TimeoutsSpec
from bridge_router.core.endpoint import Lease
from bridge_router.core.openai import AnswerWatch, EventTooLong
from bridge_router.core.pod_calls import CHAT_PATH, failure_of_event, failure_of_response, slots_version
from bridge_router.core.pool import Pool
from bridge_router.core.retry import Failure, Origin, is_refusal
from bridge_router.dispatch import Dispatcher
from bridge_router.pods.upstream import Answer, Upstream, UpstreamBroken

OK = 200


class AttemptFailed(Exception):
    """The try is over without content; the failure says how."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Deadlines(NamedTuple):
    """How long a try may take, in seconds: the pod's own deadlines and a margin, for the pod knows the site better."""

    silence: float
    idle: float
    total: float

    @classmethod
    def of(cls, timeouts: TimeoutsSpec, margin: float) -> "Deadlines":
        return cls(
            timeouts.first_token_seconds + margin,
            timeouts.idle_seconds + margin,
            timeouts.total_seconds + margin,
        )


class Attempt:
    """A try, open until `close`."""

    def __init__(self, dispatcher: Dispatcher, pool: Pool, lease: Lease, deadlines: Deadlines) -> None:
        self.pool = pool
        self.lease = lease
        self.held = b""
        """What the pod has sent up to the first content; a whole body where the answer is not streamed."""

        self.headers: Mapping[str, str] = {}
        self._watch = AnswerWatch()
        self._dispatcher = dispatcher
        self._silence_seconds = deadlines.silence
        self._idle_seconds = deadlines.idle
        self._ends_at = dispatcher.clock() + deadlines.total
        self._answer: Answer | None = None
        self._closed = False

    @property
    def instance(self) -> str:
        return self.lease.endpoint.instance

    @property
    def told_the_end(self) -> bool:
        """Whether the pod has sent `[DONE]` or an error."""
        return self._watch.has_ended_properly

    @property
    def error_seen(self) -> ErrorKind | None:
        """The error that the pod has put into the stream."""
        error = self._watch.error
        return failure_of_event(error).kind if error is not None else None

    def seconds_left(self) -> float:
        """Say how long the whole answer may still take."""
        return self._ends_at - self._dispatcher.clock()

    async def start(
        self, upstream: Upstream, headers: Mapping[str, str], body: bytes, *, stream: bool
    ) -> None:
        """Send the request and hold what comes until the first content, or until the whole body is there.

        Raises:
            AttemptFailed: There will be no content.
        """
        await self._with_deadlines(self._run(upstream, headers, body, stream=stream))

    async def more(self) -> bytes:
        """Return what follows the first content, in whole events; nothing at the end.

        Raises:
            UpstreamBroken: The answer is cut.
            AttemptFailed: It stands still, and the pod does not say that it works on it.
        """
        while True:
            try:
                async with asyncio.timeout(self._idle_seconds):
                    return await self._whole_events()
            except TimeoutError:
                if not self.lease.endpoint.shows(self.lease):
                    raise AttemptFailed(self._idle()) from None

    def close(self, failure: Failure | None = None) -> None:
        """Let connection and lease go, once; a failure says what it was."""
        if self._closed:
            return
        self._closed = True
        if self._answer is not None:
            self._answer.close()
        if failure is not None and is_refusal(failure):
            self._dispatcher.refuse(self.pool, self.lease, slots_version(self.headers))
            return
        self._dispatcher.release(self.pool, self.lease)
        # A pod cuts an answer that its client reads too slowly; where the pod has died, its status stream is cut too.
        if failure is not None and failure.origin is Origin.CONNECTION and not self._watch.has_content:
            self._dispatcher.eject(self.pool, self.lease)

    async def _whole_events(self) -> bytes:
        while self._answer is not None and (piece := await self._answer.piece()):
            if whole := self._feed(piece):
                return whole
        return b""

    async def _run(
        self, upstream: Upstream, headers: Mapping[str, str], body: bytes, *, stream: bool
    ) -> None:
        try:
            self._answer = await upstream.open(self.lease.endpoint.url + CHAT_PATH, headers, body)
            self._note_head(self._answer)
            if self._answer.status != OK:
                refusal = await self._answer.whole()
                raise AttemptFailed(failure_of_response(self._answer.status, self.headers, refusal))
            if stream:
                await self._hold_until_content(self._answer)
            else:
                self.held = await self._answer.whole()
        except UpstreamBroken as broken:
            raise AttemptFailed(_connection_failed(self.instance, broken)) from broken

    def _note_head(self, answer: Answer) -> None:
        self.headers = answer.headers
        version = slots_version(answer.headers)
        if version is not None:
            self._dispatcher.known_busy(self.pool, self.lease, version)

    async def _hold_until_content(self, answer: Answer) -> None:
        while piece := await answer.piece():
            self.held += self._feed(piece)
            if self._watch.has_content:
                return
            if self._watch.error is not None:
                raise AttemptFailed(failure_of_event(self._watch.error))
        message = f"Instance {self.instance} ended its answer without content."
        raise AttemptFailed(Failure(Origin.END, ErrorKind.EMPTY_ANSWER, message))

    def _feed(self, piece: bytes) -> bytes:
        try:
            return self._watch.feed(piece)
        except EventTooLong as endless:
            raise UpstreamBroken("an event of the answer does not end") from endless

    async def _with_deadlines(self, work: Coroutine[Any, Any, None]) -> None:
        """Bound the wait for the first content: silence counts only while the pod does not say that it works on it."""
        task = asyncio.create_task(work)
        try:
            while not task.done():
                left = self.seconds_left()
                if left <= 0:
                    raise AttemptFailed(self._too_late())
                await asyncio.wait({task}, timeout=min(self._silence_seconds, left))
                if not task.done() and not self.lease.endpoint.shows(self.lease):
                    raise AttemptFailed(self._silent())
            task.result()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, AttemptFailed):
                await task

    def _silent(self) -> Failure:
        message = f"Instance {self.instance} was silent for {self._silence_seconds:g} s."
        return Failure(Origin.SILENCE, ErrorKind.FIRST_TOKEN_TIMEOUT, message)

    def _idle(self) -> Failure:
        message = f"The answer of instance {self.instance} stood still for {self._idle_seconds:g} s."
        return Failure(Origin.SILENCE, ErrorKind.IDLE_TIMEOUT, message)

    def _too_late(self) -> Failure:
        return Failure(
            Origin.SILENCE, ErrorKind.TOTAL_TIMEOUT, "The answer took too long (timeouts.totalSeconds)."
        )


def _connection_failed(instance: str, broken: UpstreamBroken) -> Failure:
    message = f"The connection to instance {instance} failed: {broken}"
    return Failure(Origin.CONNECTION, ErrorKind.NO_INSTANCE, message, retry_after_seconds=5.0)
