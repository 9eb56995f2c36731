"""The one module that talks to the Kubernetes API: a few verbs over the official client, raw JSON in and out."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration

from bridge_runtime.kube.errors import Unreachable, error_from
from bridge_runtime.kube.objects import Object
from bridge_runtime.kube.resource import Resource

ANSWER_SECONDS: Final = 10.0
"""The API server answers in milliseconds; a caller that waits for it longer should decide anew."""

WATCH_SECONDS: Final = 290
"""A watch is asked to end before proxies in between cut it after five minutes."""

SILENCE_SECONDS: Final = 90.0
"""A living watch brings a bookmark about each minute: after that and a half it is dead."""

APPLY: Final = "application/apply-patch+yaml"
MERGE: Final = "application/merge-patch+json"
PAGE: Final = 500
"""Objects to a page of a list: a few megabytes at most are held at once."""


class CannotConnect(Exception):
    """There is no way to an API server; the message says what to do."""


@asynccontextmanager
async def connected(kubeconfig: Path | None, *, user_agent: str) -> AsyncIterator["KubeApi"]:
    """Talk to the cluster of a kubeconfig, or without one to the cluster that this process runs in.

    Raises:
        CannotConnect: Neither is there.
    """
    settings = Configuration()
    try:
        if kubeconfig is not None:
            await config.load_kube_config(
                config_file=str(kubeconfig), client_configuration=settings, persist_config=False
            )
        else:
            config.load_incluster_config(client_configuration=settings)
    except (config.ConfigException, OSError) as missing:
        where = f"the kubeconfig {kubeconfig}" if kubeconfig else "this pod's service account"
        raise CannotConnect(
            f"cannot use {where}: {missing}. Outside a cluster: --kubeconfig FILE."
        ) from missing
    settings.connection_pool_maxsize = (
        0  # watches hold connections; what runs at once is bounded by those who ask
    )
    async with ApiClient(settings) as client:
        client.user_agent = user_agent
        yield KubeApi(client)


class KubeApi:
    """Verbs on objects. Each raises KubeError where the API server refuses, and Unreachable where it does not answer."""

    def __init__(
        self, client: ApiClient, count: Callable[[str, int], None] = lambda _verb, _status: None
    ) -> None:
        self._client = client
        self.count = count
        """Told of each answer: verb and status, 0 for none."""

    async def get(self, resource: Resource, namespace: str, name: str) -> Object:
        return await self._call("get", "GET", resource.path(namespace, name))

    async def list(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        selector: str = "",
        trim: Callable[[Object], Object] = lambda obj: obj,
    ) -> tuple[list[Object], str]:
        """Return all objects, and the resourceVersion that a watch goes on from.

        Each says what it is, as it does in a watch: in a list only the list says it. `trim` says what is kept of each,
        page by page: thousands of whole objects are never held at once.
        """
        found: list[Object] = []
        query: dict[str, Any] = {"labelSelector": selector, "limit": PAGE}
        while True:
            page = await self._call("list", "GET", resource.path(namespace), query=query)
            with _understood("list"):
                kind = {"apiVersion": page["apiVersion"], "kind": page["kind"].removesuffix("List")}
                version, token = page["metadata"]["resourceVersion"], page["metadata"].get("continue")
            found += [trim(kind | item) for item in page.get("items") or ()]
            if not token:
                return found, version
            query["continue"] = token

    async def watch(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        selector: str = "",
        version: str,
        opened: Callable[[], None] = lambda: None,
    ) -> AsyncIterator[tuple[str, Object]]:
        """Yield (type, object) from a resourceVersion on, bookmarks too, until the API server ends the watch.

        `opened` is told once the API server has agreed: the first event may be a minute away.

        Raises:
            Gone: The version is too old.
        """
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "labelSelector": selector,
            "resourceVersion": version,
            "timeoutSeconds": WATCH_SECONDS,
        }
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=ANSWER_SECONDS, sock_read=SILENCE_SECONDS)
        response = await self._request("watch", "GET", resource.path(namespace), query=query, timeout=timeout)
        try:
            await self._refuse("watch", response)
            opened()
            async for kind, obj in _events(response):
                if kind == "ERROR":
                    raise error_from(int(obj.get("code") or 500), line_of(obj))
                yield kind, obj
        finally:
            response.close()

    async def apply(
        self, resource: Resource, obj: Object, *, manager: str, subresource: str = "", force: bool = True
    ) -> Object:
        """Apply server-side: the fields of `obj` become this manager's, and those it left out are given up."""
        metadata = obj["metadata"]
        path = resource.path(metadata["namespace"], metadata["name"], subresource)
        query = {"fieldManager": manager, "force": "true" if force else "false"}
        return await self._call("apply", "PATCH", path, query=query, body=obj, content=APPLY)

    async def create(self, resource: Resource, obj: Object) -> Object:
        return await self._call("create", "POST", resource.path(obj["metadata"]["namespace"]), body=obj)

    async def replace(
        self, resource: Resource, obj: Object, *, manager: str, subresource: str = ""
    ) -> Object:
        """Replace an object as it was read: with another resourceVersion by now it is a conflict (409)."""
        path = resource.path(obj["metadata"]["namespace"], obj["metadata"]["name"], subresource)
        return await self._call("update", "PUT", path, query={"fieldManager": manager}, body=obj)

    async def merge(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        patch: Object,
        *,
        manager: str,
        subresource: str = "",
    ) -> Object:
        """Change the fields of a merge patch (RFC 7386); null removes one."""
        path = resource.path(namespace, name, subresource)
        return await self._call(
            "patch", "PATCH", path, query={"fieldManager": manager}, body=patch, content=MERGE
        )

    async def delete(self, resource: Resource, namespace: str, name: str, *, uid: str) -> None:
        """Delete exactly this object, with what it owns; one of its name made since then stays (409)."""
        options = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        await self._call("delete", "DELETE", resource.path(namespace, name), body=options)

    async def _call(
        self,
        verb: str,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Object | None = None,
        content: str = "application/json",
    ) -> Object:
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        response = await self._request(
            verb, method, path, query=query, body=body, content=content, timeout=timeout
        )
        try:
            await self._refuse(verb, response)
            with _understood(f"{verb} {path}"):
                return _object_in(await response.read())
        finally:
            response.release()

    async def _request(
        self,
        verb: str,
        method: str,
        path: str,
        *,
        timeout: aiohttp.ClientTimeout,
        query: dict[str, Any] | None = None,
        body: Object | None = None,
        content: str = "application/json",
    ) -> aiohttp.ClientResponse:
        asked = {name: value for name, value in (query or {}).items() if value != ""}
        try:
            method, url, headers, _, _ = await self._client.param_serialize(
                method,
                path,
                query_params=list(asked.items()),
                auth_settings=["BearerToken"],
                header_params={"Content-Type": content, "Accept": "application/json"},
            )
            answer = await self._client.call_api(method, url, headers, body, _request_timeout=timeout)
        except (aiohttp.ClientError, TimeoutError, OSError) as cut:
            self.count(verb, 0)
            raise Unreachable(f"{verb} {path}: {type(cut).__name__}: {cut}") from cut
        response: aiohttp.ClientResponse = answer.response
        return response

    async def _refuse(self, verb: str, response: aiohttp.ClientResponse) -> None:
        self.count(verb, response.status)
        if response.ok:
            return
        with _understood(verb):
            body = await response.read()
        raise error_from(response.status, body, retry_after=response.headers.get("Retry-After"))


def line_of(status: Object) -> bytes:
    return json.dumps(status).encode()


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, Object]]:
    with _understood("watch"):
        async for line in response.content:
            event = _object_in(line)
            yield event["type"], event["object"]


@contextmanager
def _understood(what: str) -> Iterator[None]:
    """Take an answer that was cut, and one that is not the API server's, for none."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as cut:
        raise Unreachable(f"{what}: {type(cut).__name__}") from cut


def _object_in(text: bytes) -> Object:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("an answer is no object")  # noqa: TRY004 - it was read, and says the wrong thing
    return found
