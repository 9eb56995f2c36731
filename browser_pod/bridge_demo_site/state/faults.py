"""Failures on demand: which are wanted, for how many requests, and which request gets one."""

from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from bridge_api.base import SpecModel


class Moment(StrEnum):
    """When a failure can strike."""

    PAGE = "page"
    """A page is loaded."""

    CHAT = "chat"
    """A message is sent or a reply is asked for again."""

    TYPING = "typing"
    """The first text is put into the message box of a page."""


class FaultName(StrEnum):
    CHALLENGE_PAGE = "challengePage"
    RECAPTCHA = "recaptcha"
    LOGIN_GATE = "loginGate"
    BAD_REQUEST = "badRequest"
    TOO_LARGE = "tooLarge"
    CONTENT_REFUSED = "contentRefused"
    RATE_LIMITED = "rateLimited"
    MOVED = "moved"
    SERVER_ERROR = "serverError"
    EMPTY_BODY = "emptyBody"
    HEARTBEATS_ONLY = "heartbeatsOnly"
    CHALLENGE_IN_STREAM = "challengeInStream"
    ARENA_ERROR = "arenaError"
    ERROR_FRAME = "errorFrame"
    SILENCE = "silence"
    STALL = "stall"
    CUT = "cut"
    NO_FINISH = "noFinish"
    RELOAD = "reload"
    NAVIGATE = "navigate"
    RENAMED_SELECTOR = "renamedSelector"
    SLOW_PAGE = "slowPage"
    STUCK_SUBMIT = "stuckSubmit"
    TERMS_ON_TOP = "termsOnTop"


class Kind(NamedTuple):
    """What a failure is."""

    does: str
    """For a person."""

    moments: tuple[Moment, ...] = (Moment.CHAT,)


KINDS = {
    FaultName.CHALLENGE_PAGE: Kind(
        "asks for a person, until one presses the button", (Moment.PAGE, Moment.CHAT)
    ),
    FaultName.RECAPTCHA: Kind("403 with a JSON error"),
    FaultName.LOGIN_GATE: Kind(
        "401, and a login wall over the page, until somebody logs in", (Moment.PAGE, Moment.CHAT)
    ),
    FaultName.BAD_REQUEST: Kind("400"),
    FaultName.TOO_LARGE: Kind("413"),
    FaultName.CONTENT_REFUSED: Kind("422"),
    FaultName.RATE_LIMITED: Kind("429, with Retry-After if retryAfterSeconds is set"),
    FaultName.MOVED: Kind("301 to a path that does not exist"),
    FaultName.SERVER_ERROR: Kind("500"),
    FaultName.EMPTY_BODY: Kind("200 and nothing"),
    FaultName.HEARTBEATS_ONLY: Kind("200, heartbeats, and the end"),
    FaultName.CHALLENGE_IN_STREAM: Kind("200 with the challenge page as its body"),
    FaultName.ARENA_ERROR: Kind("the text hasArenaError, after `after` text records (0)"),
    FaultName.ERROR_FRAME: Kind("an error record, after `after` text records (0)"),
    FaultName.SILENCE: Kind("200, and then nothing comes"),
    FaultName.STALL: Kind("nothing more comes after `after` text records (5)"),
    FaultName.CUT: Kind("the connection drops within a record, after `after` text records (5)"),
    FaultName.NO_FINISH: Kind("the whole text, and the end without a finish record"),
    FaultName.RELOAD: Kind("the page reloads itself after `after` text records (5)"),
    FaultName.NAVIGATE: Kind("the page goes to `to` without loading, after `after` text records (5)"),
    FaultName.RENAMED_SELECTOR: Kind("the message box has another name", (Moment.PAGE,)),
    FaultName.SLOW_PAGE: Kind("the page comes after delaySeconds", (Moment.PAGE,)),
    FaultName.STUCK_SUBMIT: Kind("the send button stays disabled", (Moment.PAGE, Moment.TYPING)),
    FaultName.TERMS_ON_TOP: Kind("the terms of use lie over the page again", (Moment.PAGE, Moment.TYPING)),
}

ENDED_BY_A_PERSON = (FaultName.CHALLENGE_PAGE, FaultName.LOGIN_GATE)
"""Failures that spare a visitor who has passed the challenge or logged in since."""


class Fault(SpecModel):
    """A failure as a test orders it."""

    fault: FaultName
    """Its name."""

    times: Annotated[int, Field(ge=1)] | None = None
    """For how many matching requests; null: until it is lifted."""

    after: Annotated[int, Field(ge=0)] | None = None
    """Text records before a failure in an answer; null: what suits it, 5 in the middle of one and 0 at its beginning."""

    retry_after_seconds: Annotated[int, Field(ge=0)] | None = None
    """The Retry-After header of `rateLimited`; null: no header."""

    delay_seconds: Annotated[float, Field(ge=0, le=600)] = 5.0
    """How long `slowPage` takes."""

    to: Annotated[str, Field(pattern=r"^/([\w.?=&%-][\w/.?=&%-]*)?$")] = "/text/direct"
    """Where `navigate` leads: a path of this site."""


class FaultBook:
    """The failures wanted now, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._wanted: dict[FaultName, tuple[Fault, float]] = {}

    def put(self, fault: Fault, now: float) -> None:
        """Want a failure; it replaces one of the same name."""
        self._wanted.pop(fault.fault, None)
        self._wanted[fault.fault] = (fault, now)

    def lift(self) -> None:
        self._wanted.clear()

    def wanted(self) -> list[Fault]:
        return [fault for fault, _ in self._wanted.values()]

    def take(self, moment: Moment, passed_at: float = 0.0) -> list[Fault]:
        """Use up the failures of this moment: all that a page can show at once, or the first for a chat.

        `passed_at` is when a person last passed a challenge or logged in from this browser.
        """
        due = [
            fault
            for fault, since in self._wanted.values()
            if moment in KINDS[fault.fault].moments
            and not (fault.fault in ENDED_BY_A_PERSON and passed_at > since)
        ]
        taken = due[:1] if moment is Moment.CHAT else due
        for fault in taken:
            self._count_down(fault)
        return taken

    def _count_down(self, fault: Fault) -> None:
        if fault.times is None:
            return
        _, since = self._wanted[fault.fault]
        if fault.times == 1:
            del self._wanted[fault.fault]
        else:
            self._wanted[fault.fault] = (fault.model_copy(update={"times": fault.times - 1}), since)
