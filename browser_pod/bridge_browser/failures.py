"""What each signal of a site means for the client (which error) and for the slot (which state)."""

from dataclasses import dataclass
from typing import Final

from bridge_api.errors import BridgeError, ErrorKind
from bridge_api.wire.instance import SlotState
from bridge_browser.sites.base import Signal, SiteFailure

DEFAULT_LIMIT_SECONDS: Final = 60.0
"""How long a limit is taken to last where the site does not say."""

PERSON_SECONDS: Final = 10.0
"""When to ask again where a person is needed: nobody is faster."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    kind: ErrorKind
    slot: SlotState = SlotState.READY
    """What becomes of the slot; Ready: a new chat is opened, and it is looked at."""

    final: bool = False
    """The same message would fail again, on any instance of the pool."""


_MEANINGS: Final = {
    Signal.CHALLENGE: _Meaning(ErrorKind.NEEDS_HUMAN, SlotState.NEEDS_HUMAN),
    Signal.LOGIN_REQUIRED: _Meaning(ErrorKind.NEEDS_HUMAN, SlotState.NEEDS_HUMAN),
    Signal.TERMS_NOT_ACCEPTED: _Meaning(ErrorKind.NEEDS_HUMAN, SlotState.NEEDS_HUMAN),
    Signal.RATE_LIMITED: _Meaning(ErrorKind.SITE_RATE_LIMITED, SlotState.RATE_LIMITED),
    Signal.CONTENT_REFUSED: _Meaning(ErrorKind.CONTENT_POLICY_VIOLATION),
    Signal.MESSAGE_TOO_LARGE: _Meaning(ErrorKind.REQUEST_TOO_LARGE),
    Signal.REQUEST_REFUSED: _Meaning(ErrorKind.SITE_ERROR, final=True),
    Signal.MODEL_FAILED: _Meaning(ErrorKind.SITE_ERROR),
    Signal.SITE_FAILED: _Meaning(ErrorKind.SITE_ERROR),
    Signal.MOVED: _Meaning(ErrorKind.SITE_ERROR, final=True),
    Signal.EMPTY_ANSWER: _Meaning(ErrorKind.EMPTY_ANSWER),
    Signal.UNFINISHED_ANSWER: _Meaning(ErrorKind.SITE_ERROR),
    Signal.ANSWER_CUT: _Meaning(ErrorKind.SITE_ERROR),
    Signal.NOT_AN_ANSWER: _Meaning(ErrorKind.SITE_ERROR),
    Signal.NOT_AS_ASKED: _Meaning(ErrorKind.SITE_ERROR, final=True),
    Signal.CONVERSATION_GONE: _Meaning(ErrorKind.SITE_ERROR),
    Signal.PAGE_LOST: _Meaning(ErrorKind.SITE_ERROR),
    Signal.CONTROL_MISSING: _Meaning(ErrorKind.SITE_ERROR, SlotState.BROKEN),
    Signal.CATALOG_MISSING: _Meaning(ErrorKind.SITE_ERROR, SlotState.BROKEN),
    Signal.SITE_UNREACHABLE: _Meaning(ErrorKind.SITE_ERROR, SlotState.BROKEN),
    Signal.PROXY_UNREACHABLE: _Meaning(ErrorKind.SITE_ERROR, SlotState.BROKEN),
    Signal.PROXY_REFUSED: _Meaning(ErrorKind.SITE_ERROR, SlotState.BROKEN),
}


def error_of(failure: SiteFailure) -> BridgeError:
    """Make the error that the client gets."""
    meaning = _MEANINGS[failure.signal]
    kind = meaning.kind
    waits = None
    if kind is ErrorKind.SITE_RATE_LIMITED:
        waits = limit_seconds(failure)
    elif kind is ErrorKind.NEEDS_HUMAN:
        waits = PERSON_SECONDS
    return BridgeError(kind, failure.message, retry_after_seconds=waits, final=meaning.final)


def slot_state_after(failure: SiteFailure) -> SlotState:
    """Say what becomes of a slot whose chat has failed so."""
    return _MEANINGS[failure.signal].slot


def slot_state_when_opening(failure: SiteFailure) -> SlotState:
    """Say what becomes of a slot whose page cannot be opened: whatever it is, it takes no chat."""
    state = slot_state_after(failure)
    return SlotState.BROKEN if state is SlotState.READY else state


def limit_seconds(failure: SiteFailure) -> float:
    asked = failure.retry_after_seconds
    return DEFAULT_LIMIT_SECONDS if asked is None else max(asked, 1.0)
