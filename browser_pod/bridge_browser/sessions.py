"""How long a slot keeps one context: so many chats, or so long, because pages grow with use."""

from dataclasses import dataclass

from bridge_api.spec.serving import SessionsSpec


@dataclass(slots=True)
class Session:
    """One context's time in a slot."""

    began: float
    chats: int = 0

    def over(self, limits: SessionsSpec, now: float) -> str | None:
        """Say why a fresh context is due, as one CamelCase word; None: it is not."""
        if self.chats >= limits.max_requests:
            return "MaxRequests"
        if now - self.began >= limits.max_age_seconds:
            return "MaxAge"
        return None
