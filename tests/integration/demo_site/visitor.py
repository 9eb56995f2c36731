"""A visitor of the demo site without a browser: makes the calls that its page makes."""

import io
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp

from tests.support.waiting import eventually

Json = dict[str, Any]

MODEL = "23717062-58c1-5637-a950-6a0930d377d0"


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def records(self) -> list[tuple[str, str, Any]]:
        return [(line[0], line[1], json.loads(line[3:])) for line in self.body.decode().splitlines()]

    @property
    def error(self) -> str:
        return str(json.loads(self.body)["error"])

    def text(self, lane: str = "a") -> str:
        return "".join(payload for where, code, payload in self.records if (where, code) == (lane, "0"))


@dataclass
class Visitor:
    http: aiohttp.ClientSession
    session_id: str = field(default_factory=lambda: str(uuid4()))
    last_message_id: str = ""
    last_reply_id: str = ""

    def body(self, content: str, **fields: Any) -> Json:
        self.last_message_id, self.last_reply_id = str(uuid4()), str(uuid4())
        return {
            "id": self.session_id,
            "mode": "direct",
            "modelAId": MODEL,
            "userMessageId": self.last_message_id,
            "modelAMessageId": self.last_reply_id,
            "userMessage": {"content": content, "experimental_attachments": [], "metadata": {}},
            "modality": "chat",
            "recaptchaV3Token": "demo",
        } | fields

    @property
    def follow_up_path(self) -> str:
        return f"/nextjs-api/stream/post-to-evaluation/{self.session_id}"

    async def create(self, content: str, **fields: Any) -> Answer:
        path = "/nextjs-api/stream/create-evaluation"
        return await self.call("POST", path, self.body(content, **fields))

    async def follow_up(self, content: str, **fields: Any) -> Answer:
        return await self.call("POST", self.follow_up_path, self.body(content, **fields))

    async def retry(self) -> Answer:
        path = f"/nextjs-api/stream/retry-evaluation-session-message/{self.session_id}/messages/"
        return await self.call("PUT", path + self.last_reply_id, {"messages": ["ignored"]})

    async def stop(self) -> Answer:
        path = f"/nextjs-api/stream/stop/{self.session_id}/messages/{self.last_message_id}"
        return await self.call("POST", path, {})

    async def call(self, method: str, path: str, body: Any = None) -> Answer:
        """Make a call and read its whole answer, without following redirects."""
        data = None if body is None else io.BytesIO(json.dumps(body).encode())
        async with self.http.request(method, path, data=data, allow_redirects=False) as response:
            return Answer(response.status, await response.read(), dict(response.headers))

    async def fail(self, fault: str, **options: Any) -> None:
        answer = await self.call("PUT", "/_demo/faults", {"fault": fault, **options})
        assert answer.status == 200, answer.body

    async def lift(self) -> None:
        await self.call("DELETE", "/_demo/faults")

    async def journal(self, kind: str) -> list[Json]:
        answer = await self.call("GET", f"/_demo/journal?kind={kind}")
        entries: list[Json] = json.loads(answer.body)["entries"]
        return entries

    async def noted(self, kind: str, count: int = 1) -> list[Json]:
        """Wait until the journal has so many entries of a kind."""

        async def enough() -> list[Json] | None:
            entries = await self.journal(kind)
            return entries if len(entries) >= count else None

        entries = await eventually(enough, what=f"{count} of {kind} in the journal")
        assert entries is not None
        return entries
