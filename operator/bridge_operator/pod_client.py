"""What the operator asks of a running instance."""

from dataclasses import dataclass

import aiohttp
from pydantic import ValidationError

from bridge_api.wire.instance import CordonRequest, InstanceStatus

ANSWER_SECONDS = 5.0
"""An instance answers in milliseconds, wherever it is; who waits for it longer decides anew."""


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
