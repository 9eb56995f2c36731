"""What the server tells the page about itself: dialogs to show, and failures to play."""

from typing import Any

from bridge_demo_site.state.faults import KINDS, FaultName, Moment

MESSAGE_BOX_NAME = "message"
RENAMED_BOX_NAME = "prompt-text"

_ALSO_WHILE_TYPING = {name for name, kind in KINDS.items() if Moment.TYPING in kind.moments}


def page_config(
    *, faults: set[FaultName], terms: bool, cookie_banner: bool, login: bool, seed: int
) -> dict[str, Any]:
    return {
        "messageBoxName": RENAMED_BOX_NAME if FaultName.RENAMED_SELECTOR in faults else MESSAGE_BOX_NAME,
        "terms": terms or FaultName.TERMS_ON_TOP in faults,
        "cookieBanner": cookie_banner,
        "login": login or FaultName.LOGIN_GATE in faults,
        "stuckSubmit": FaultName.STUCK_SUBMIT in faults,
        "faultPlayed": not faults.isdisjoint(_ALSO_WHILE_TYPING),
        "seed": seed,
    }
