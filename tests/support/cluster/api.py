"""The Kubernetes API as tests call it: raw JSON over HTTP, as admin, independent of the client under test."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.support.cluster.kubeconfig import Access

Object = dict[str, Any]

CALL_SECONDS = 15.0
WATCH_SECONDS = 300
CONNECTIONS = 32
MAX_LINE_BYTES = 4 * 2**20
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


def path_of(api: str, plural: str, namespace: str = "", name: str = "", subresource: str = "") -> str:
    """Make a path: `path_of("apps/v1", "deployments", "team-a", "web", "scale")`."""
    steps = ["apis" if "/" in api else "api", api]
    steps += ["namespaces", namespace, plural] if namespace else [plural]
    return "/" + "/".join([*steps, *(step for step in (name, subresource) if step)])


class ApiError(Exception):
    """The API server has refused."""

    def __init__(self, status: int, body: Object) -> None:
        super().__init__(f"{status}: {body.get('message', body)}")
        self.status = status
        self.body = body


class Api:
    """Paths are the API server's own, such as `/api/v1/namespaces/default/pods`."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def get(self, path: str, **query: str) -> Object:
        return await self._call("GET", path, query=query)

    async def create(self, path: str, body: Object, **query: str) -> Object:
        return await self._call("POST", path, body, query=query)

    async def replace(self, path: str, body: Object) -> Object:
        return await self._call("PUT", path, body)

    async def patch(self, path: str, body: Object, kind: str = MERGE) -> Object:
        return await self._call("PATCH", path, body, content_type=kind)

    async def apply(self, path: str, body: Object, manager: str, *, force: bool = True) -> Object:
        query = {"fieldManager": manager, "force": "true" if force else "false"}
        return await self._call("PATCH", path, body, content_type=APPLY, query=query)

    async def delete(self, path: str, body: Object | None = None, **query: str) -> Object:
        return await self._call("DELETE", path, body, query=query)

    async def items(self, path: str, **query: str) -> list[Object]:
        items: list[Object] = (await self.get(path, **query))["items"]
        return items

    async def watch(self, path: str, version: str, **query: str) -> AsyncIterator[Object]:
        """Yield the events after a version, until the API server or the connection ends."""
        query |= {"watch": "true", "resourceVersion": version, "timeoutSeconds": str(WATCH_SECONDS)}
        timeout = aiohttp.ClientTimeout(total=WATCH_SECONDS + CALL_SECONDS, sock_connect=CALL_SECONDS)
        async with self._session.get(path, params=query, timeout=timeout) as response:
            await _refuse_errors(response)
            async for line in response.content:
                yield json.loads(line)

    async def _call(
        self,
        method: str,
        path: str,
        body: Object | None = None,
        *,
        content_type: str = "application/json",
        query: dict[str, str] | None = None,
    ) -> Object:
        async with (
            asyncio.timeout(CALL_SECONDS),
            self._session.request(
                method,
                path,
                params=query or {},
                data=None if body is None else json.dumps(body),
                headers={"Content-Type": content_type},
            ) as response,
        ):
            await _refuse_errors(response)
            answer: Object = await response.json()
            return answer


@asynccontextmanager
async def open_api(access: Access) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(
        access.server,
        connector=aiohttp.TCPConnector(limit=CONNECTIONS, ssl=access.tls()),
        headers={"Authorization": f"Bearer {access.token}"},
        read_bufsize=MAX_LINE_BYTES,
    ) as session:
        yield Api(session)


async def _refuse_errors(response: aiohttp.ClientResponse) -> None:
    if response.status < 400:
        return
    text = await response.text()
    try:
        body = json.loads(text)
    except ValueError:
        body = {"message": text}
    raise ApiError(response.status, body)
