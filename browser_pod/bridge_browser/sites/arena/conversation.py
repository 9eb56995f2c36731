"""Which of the site's conversations a page is in, as far as its own calls and its address have shown."""

from urllib.parse import urlsplit


class PageConversation:
    """None until an answer has ended, and none again as soon as the page has gone elsewhere."""

    def __init__(self) -> None:
        self.id: str | None = None

    def enter(self, conversation_id: str) -> None:
        """Note the conversation that has been answered in."""
        self.id = conversation_id

    def leave(self) -> str | None:
        """Forget the conversation, and return which it was."""
        left, self.id = self.id, None
        return left

    def moved_to(self, url: str) -> bool:
        """Take note of the page's new address, and tell whether it has left by that: its own address it may take late."""
        if self.id is None or self.id in urlsplit(url).path.split("/"):
            return False
        self.leave()
        return True
