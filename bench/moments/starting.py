"""From `bridge up` to the first answer."""

import time
from typing import Final

from pydantic import BaseModel

from bench.support.chats import Client, session
from bench.support.systems import Part, bridge, pool_of
from bench.support.views import all_ready
from bench.support.waiting import until
from bridge_api.spec.browser import BrowserMode

READY_SECONDS: Final = 60.0


class Start(BaseModel):
    ready_seconds: float
    """Until every slot is Ready."""

    answer_seconds: float
    """Until a client that keeps trying has its first content."""


async def start(site: Part, mode: BrowserMode) -> Start:
    """Start one instance of two slots, and send a chat as soon as somebody listens."""
    pool = pool_of(site.url, mode=mode, slots=2, autoscaling={"minInstances": 1, "maxInstances": 1})
    began = time.monotonic()
    async with bridge(pool) as system, session(system) as http:
        client = Client(http, system.url)
        content = await until(lambda: first_content(client), within_seconds=READY_SECONDS, what="an answer")
        await until(lambda: all_ready(http, system, 1), within_seconds=READY_SECONDS, what="every slot ready")
        return Start(ready_seconds=time.monotonic() - began, answer_seconds=content - began)


async def first_content(client: Client) -> float | None:
    """Chat, and say when the content began to come; None: it failed."""
    return (await client.chat("Hello [[demo tokens=5 pace_ms=5]]")).first_content
