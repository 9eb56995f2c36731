"""Why somebody is not heard from, and since when: told once it has lasted, because whoever starts is silent at first."""

from dataclasses import dataclass

import aiohttp
from pydantic import ValidationError

LASTING_SECONDS = 15.0

FAILURES = (aiohttp.ClientError, TimeoutError, ValidationError, ValueError, OSError)
"""What listening to somebody may end with."""


@dataclass(slots=True)
class Silence:
    """What keeps us from hearing one peer."""

    since: float | None = None
    """None: it is heard."""

    why: str = ""
    told: str = ""
    """What has been told of it; empty: nothing."""

    def broken(self) -> None:
        """Note that it is heard."""
        self.since, self.why, self.told = None, "", ""

    def is_news(self, why: str, now: float) -> bool:
        """Take in why it is not heard, and tell whether that is to be told now."""
        self.since = now if self.since is None else self.since
        self.why = why
        if now - self.since < LASTING_SECONDS or why == self.told:
            return False
        self.told = why
        return True


def in_words(failed: BaseException | None) -> str:
    """Say why without a token or what was said; None: the other side has ended the connection."""
    if failed is None:
        return "it has ended the connection"
    if isinstance(failed, aiohttp.ClientResponseError):
        return f"it answers with HTTP status {failed.status}"
    if isinstance(failed, ValidationError):
        return "what it says is not understood: another version, or another program"
    if isinstance(failed, TimeoutError):
        return "it does not answer"
    if isinstance(failed, aiohttp.ClientConnectionError | OSError):
        return "it cannot be connected to"
    return str(failed) or type(failed).__name__
