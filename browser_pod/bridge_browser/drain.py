"""The pod's preStop hook: take no new chat, and wait until the running ones have ended: `python -m bridge_browser.drain 960`.

Kubernetes sends SIGTERM only afterwards. Nothing but the standard library, so that it starts at once; and whatever fails, it
ends with 0, because SIGTERM drains too.
"""

import http.client
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

OWNER: Final = "kubelet"
ANSWER_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 0.5
DEFAULT_PORT: Final = 8080


def main() -> int:
    try:
        end = drained(float(sys.argv[1]))
    except (OSError, http.client.HTTPException, ValueError, LookupError) as failed:
        end = f"left to SIGTERM, because the instance could not be asked ({type(failed).__name__})"
    print(f"drain: {end}", flush=True)  # noqa: T201 - the one line of a hook
    return 0


def drained(seconds: float) -> str:
    """Cordon the instance, wait for its chats for so long at most, and say how that ended.

    Raises:
        OSError: It is not there, or its token is not.
        HTTPException: It does not speak HTTP any more.
        ValueError: It refuses, or says what is no status.
        LookupError: Something is missing in what it says.
    """
    end = time.monotonic() + seconds
    busy = _busy(_ask("POST", "/cordon", {"owner": OWNER, "ttlSeconds": seconds}))
    while busy > 0:
        if time.monotonic() >= end:
            return f"{busy} chats still run after {seconds:.0f} s"
        time.sleep(LOOK_SECONDS)
        busy = _busy(_ask("GET", "/status"))
    return "no chat runs"


def _busy(status: dict[str, Any]) -> int:
    return sum(slot["state"] == "Busy" for slot in status["slots"])


def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    port = int(os.environ.get("BRIDGE_PORT", DEFAULT_PORT))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, body=text, headers=_authorization())
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise ValueError(response.status)
    status: dict[str, Any] = json.loads(answer)
    return status


def _authorization() -> dict[str, str]:
    file = os.environ.get("BRIDGE_TOKEN_FILE")
    return (
        {} if file is None else {"Authorization": f"Bearer {Path(file).read_text(encoding='utf-8').strip()}"}
    )


if __name__ == "__main__":
    sys.exit(main())
