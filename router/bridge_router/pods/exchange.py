"""One request from its wait for a slot to its first content: which pool, which instances, how many tries."""

from collections.abc import Callable

from bridge_api.errors import BridgeError, ErrorKind
from bridge_router.core.affinity import Past
from bridge_router.core.openai import ChatRequest
from bridge_router.core.pod_calls import Sender, request_headers
from bridge_router.core.pool import Pool
from bridge_router.core.retry import Action, Failure, Tries, as_told, decide, is_refusal
from bridge_router.core.waiting import Ticket
from bridge_router.dispatch import Dispatcher
from bridge_router.pods.attempt import Attempt, AttemptFailed, Deadlines
from bridge_router.pods.upstream import Upstream
from bridge_runtime.logs import get_logger

_log = get_logger("router")


class Exchange:
    """A request under way; whoever makes it closes it."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        upstream: Upstream,
        *,
        token_of: Callable[[Pool], str | None],
        margin_seconds: float,
        on_attempt: Callable[[Pool, str], None],
    ) -> None:
        self._dispatcher = dispatcher
        self._upstream = upstream
        self._token_of = token_of
        self._margin_seconds = margin_seconds
        self._on_attempt = on_attempt
        self.pool: Pool | None = None
        self.attempt: Attempt | None = None
        self.ticket = Ticket(None)
        self.tries = Tries()
        self._past = Past()

    def choose_pool(self, past: Past) -> Pool:
        """Decide where the request waits.

        Raises:
            BridgeError: No pool offers the model.
        """
        self._past = past
        self.ticket.wants = past.model
        self.pool = self._dispatcher.choose(past.model, lambda pool: pool.holds(self._conversation_in(pool)))
        self.ticket.conversation = self._conversation_in(self.pool)
        return self.pool

    def _conversation_in(self, pool: Pool) -> str | None:
        return self._past.name_in(pool.resource, self._token_of(pool))

    async def open(self, chat: ChatRequest, sender: Sender, body: bytes) -> Attempt:
        """Return the try that has shown content, or the whole body.

        Raises:
            BridgeError: There is no slot, or no pool for the model any more.
            AttemptFailed: The last try failed.
        """
        pool = self.pool or self.choose_pool(Past(chat.model, sender.key_id, chat.turns))
        while True:
            attempt = await self._acquire(pool)
            pool = attempt.pool
            headers = request_headers(sender, attempt.lease.id, self._token_of(attempt.pool))
            try:
                await attempt.start(self._upstream, headers, body, stream=chat.stream)
            except AttemptFailed as failed:
                self._account_for(attempt, failed.failure)
                if not self._goes_on(attempt, failed.failure):
                    raise AttemptFailed(as_told(failed.failure)) from failed
            else:
                self.tries.attempts += 1
                self._on_attempt(attempt.pool, "ok")
                return attempt

    def close(self, failure: Failure | None = None) -> None:
        """Let go of what the request still holds."""
        if self.attempt is not None:
            self.attempt.close(failure)

    async def _acquire(self, pool: Pool) -> Attempt:
        while True:
            try:
                lease = await self._dispatcher.acquire(pool, self.ticket)
            except BridgeError as denied:
                if denied.kind is not ErrorKind.MODEL_NOT_FOUND:
                    raise
                # The pool's list has come, or changed, while the request waited: another pool may offer the model.
                pool = self.choose_pool(self._past)
            else:
                deadlines = Deadlines.of(pool.resource.spec.timeouts, self._margin_seconds)
                self.attempt = Attempt(self._dispatcher, pool, lease, deadlines)
                return self.attempt

    def _account_for(self, attempt: Attempt, failure: Failure) -> None:
        if is_refusal(failure):
            self.tries.redispatches += 1
        else:
            self.tries.attempts += 1
            self.ticket.tried.add(attempt.instance)
        if failure.kind is ErrorKind.FIRST_TOKEN_TIMEOUT:
            self.tries.silences += 1
        self._on_attempt(attempt.pool, failure.kind.label)

    def _goes_on(self, attempt: Attempt, failure: Failure) -> bool:
        attempt.close(failure)
        retry = attempt.pool.resource.spec.retry
        action, reason, message = decide(failure, self.tries, max_attempts=retry.attempts)
        _log.info(
            "try failed",
            pool=attempt.pool.key,
            instance=attempt.instance,
            code=failure.kind.label,
            action=action.value,
            reason=reason,
            message=message,
        )
        return action is not Action.GIVE_UP
