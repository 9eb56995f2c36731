"""A slot's own record of what its page is in the middle of: the one thing that says whether a chat may go on there."""

from bridge_browser.chats import Chat
from bridge_browser.sites.base import ChatPage


class PageRecord:
    """A page shows a new chat, holds a named conversation, or is of no use until it is opened anew."""

    def __init__(self) -> None:
        self._is_new_chat = False
        self._held: str | None = None

    def opened(self) -> None:
        """Note that the page shows a new chat."""
        self._is_new_chat, self._held = True, None

    def holds(self, conversation: str) -> None:
        """Note which conversation the page holds."""
        self._is_new_chat, self._held = False, conversation

    def forget(self) -> None:
        """Note that something has been begun on the page, or that what it holds is given up."""
        self._is_new_chat, self._held = False, None

    def usable(self, page: ChatPage) -> bool:
        """Whether some chat could be answered there."""
        return not page.lost and (self._is_new_chat or (self._held is not None and page.in_conversation))

    def goes_on(self, chat: Chat) -> bool:
        """Whether a usable page holds what the chat goes on with, whoever has sent it here."""
        thread = chat.message.thread
        return self._held is not None and thread is not None and thread.continues == self._held

    def suits(self, chat: Chat) -> bool:
        """Whether the chat can be answered on a usable page at once."""
        return self._is_new_chat or self.goes_on(chat)
