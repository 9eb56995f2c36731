"""How long a chat may be silent, before its first content and after it, and how long it may take in all."""

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.spec import TimeoutsSpec


class Deadlines:
    """The deadlines of one chat that has been sent."""

    def __init__(self, timeouts: TimeoutsSpec, now: float) -> None:
        self._timeouts = timeouts
        self._ends_at = now + timeouts.total_seconds
        self._last_life = now
        self._has_content = False

    def note_life(self, now: float, *, content: bool) -> None:
        """The site has sent something, if only a heartbeat."""
        self._last_life = now
        self._has_content = self._has_content or content

    def remaining(self, now: float) -> float:
        """Return the seconds until the first deadline passes."""
        return max(0.0, min(self._last_life + self._silence, self._ends_at) - now)

    def passed(self, now: float) -> BridgeError:
        """Name the deadline that has passed."""
        if now >= self._ends_at:
            return BridgeError(
                ErrorKind.TOTAL_TIMEOUT, f"The answer took longer than {self._timeouts.total_seconds} s."
            )
        if self._has_content:
            return BridgeError(ErrorKind.IDLE_TIMEOUT, f"The answer stood still for {self._silence} s.")
        return BridgeError(ErrorKind.FIRST_TOKEN_TIMEOUT, f"The site was silent for {self._silence} s.")

    @property
    def _silence(self) -> int:
        return self._timeouts.idle_seconds if self._has_content else self._timeouts.first_token_seconds
