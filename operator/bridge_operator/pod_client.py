"""What the operator asks of a running instance, and how it hears one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import aiohttp
from pydantic import ValidationError

from bridge_api.wire.instance import CordonRequest, InstanceStatus

ANSWER_SECONDS = 5.0
"""An instance answers in milliseconds, wherever it is; who waits for it longer decides anew."""

SILENCE_SECONDS = 15.0
"""The status comes at least every 5 s: after three misses the connection is taken for dead."""

ASK_AGAIN_SECONDS = 1.0
"""After an instance has not done as asked: it may be busy with its start, or about to die."""

CORDON_OWNER: Final = "operator"


class NotAnswered(Exception):
    """The instance has not done as asked; the message says why."""


@dataclass(frozen=True, slots=True)
class PodClient:
    session: aiohttp.ClientSession
    url: str
    token: str

    async def cordon(self, request: CordonRequest) -> InstanceStatus:
        """Keep new chats away, and return what the instance says of itself from then on.

        Raises:
            NotAnswered: It has not been cordoned, as far as is known.
        """
        return await self._post("/cordon", request)

    async def uncordon(self, request: CordonRequest) -> InstanceStatus:
        """Let new chats in again, as far as this owner is concerned.

        Raises:
            NotAnswered: As with `cordon`.
        """
        return await self._post("/uncordon", request)

    async def listen(self, take: Callable[[bytes], None]) -> None:
        """Hand over what the instance says of itself, a status to a line, until the connection ends.

        Raises:
            aiohttp.ClientError: It refuses, or the connection breaks.
            TimeoutError: It has been silent for too long.
        """
        headers = {"Authorization": f"Bearer {self.token}"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE_SECONDS, sock_read=SILENCE_SECONDS)
        stream = self.session.get(f"{self.url}/status/stream", headers=headers, timeout=timeout)
        async with stream as response:
            response.raise_for_status()
            async for line in response.content:
                take(line)

    async def _post(self, path: str, request: CordonRequest) -> InstanceStatus:
        headers = {"Authorization": f"Bearer {self.token}"}
        body = request.model_dump_json(by_alias=True)
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with self.session.post(
                f"{self.url}{path}", data=body, headers=headers, timeout=timeout
            ) as response:
                response.raise_for_status()
                return InstanceStatus.model_validate_json(await response.read())
        except (aiohttp.ClientError, TimeoutError, ValidationError) as failed:
            raise NotAnswered(f"{path}: {type(failed).__name__}") from failed


def our_cordon_until(status: InstanceStatus, epoch: int, now: float) -> float | None:
    """Return when our cordon runs out; None: it has none of ours of this term."""
    for cordon in status.cordons:
        if cordon.owner == CORDON_OWNER and cordon.epoch == epoch:
            return now + cordon.ttl_seconds
    return None
