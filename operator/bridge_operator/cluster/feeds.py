"""Hear the load from every live router: each endpoint of the router's Service is followed."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import aiohttp

from bridge_api.names import HTTP_PORT_NAME
from bridge_operator.autoscaler.load import STALE_SECONDS, Heard
from bridge_operator.load_feed import LoadFeed
from bridge_runtime.kube import Change, Informer, Object
from bridge_runtime.kube.client import KubeApi
from bridge_runtime.kube.resource import ENDPOINT_SLICES
from bridge_runtime.logs import get_logger

log = get_logger("operator")


@dataclass(slots=True)
class _Followed:
    feed: LoadFeed
    task: asyncio.Task[None]


@dataclass(slots=True, kw_only=True)
class Feeds:
    """The load feeds of the routers that are there; one that has gone counts until its last word is stale."""

    session: aiohttp.ClientSession
    token: str
    clock: Callable[[], float]
    changed: Callable[[LoadFeed], None]
    router_left: Callable[[], None]
    """Told when one has gone: `forgetting` begins."""

    _live: dict[str, _Followed] = field(default_factory=dict)
    _gone: list[Heard] = field(default_factory=list)
    _ending: set[asyncio.Task[None]] = field(default_factory=set)

    def informer(
        self, api: KubeApi, namespace: str, service: str, *, random: Callable[[], float]
    ) -> Informer:
        """Make the informer that says where routers are."""
        found: dict[object, Object] = {}

        def changed(change: Change) -> None:
            if change.after is None:
                found.pop(change.key, None)
            else:
                found[change.key] = change.after
            self.follow(urls_of(found.values()))

        return Informer(
            api=api,
            resource=ENDPOINT_SLICES,
            changed=changed,
            clock=self.clock,
            random=random,
            namespace=namespace,
            selector=f"kubernetes.io/service-name={service}",
        )

    def follow(self, urls: Iterable[str]) -> None:
        """Follow exactly these routers from now on."""
        wanted = set(urls)
        for url in self._live.keys() - wanted:
            self._end(url)
        for url in sorted(wanted - self._live.keys()):
            log.info("a router is there", url=url)
            self._live[url] = self._start(url)

    def heard(self) -> list[Heard]:
        """Return the last word of every router that counts."""
        now = self.clock()
        self._gone = [heard for heard in self._gone if now - heard.at <= STALE_SECONDS]
        return [followed.feed.heard for followed in self._live.values()] + self._gone

    def trouble(self) -> str:
        """Say which router has not been heard for a while, and why; empty: all are."""
        silent = [(url, one.feed.silence.told) for url, one in self._live.items()]
        return next((f"{url}: {why}" for url, why in sorted(silent) if why), "")

    @property
    def forgetting(self) -> bool:
        """Tell whether time alone will change the load: the last word of a router that has gone still counts."""
        return any(self.clock() - heard.at <= STALE_SECONDS for heard in self._gone)

    async def close(self) -> None:
        self.follow(())
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _start(self, url: str) -> _Followed:
        feed = LoadFeed(self.session, self.token, self.clock, lambda: self.changed(feed))
        return _Followed(feed, asyncio.create_task(feed.follow(lambda: url), name=f"load of {url}"))

    def _end(self, url: str) -> None:
        log.info("a router has gone", url=url)
        followed = self._live.pop(url)
        followed.task.cancel()
        self._ending.add(followed.task)
        followed.task.add_done_callback(self._ending.discard)
        if followed.feed.heard.report is not None:
            self._gone.append(followed.feed.heard)
        self.router_left()


def urls_of(slices: Iterable[Object]) -> Iterator[str]:
    """Find where routers serve: also those on their way out, whose chats still run."""
    for one in slices:
        port = next(
            (port["port"] for port in one.get("ports") or () if port.get("name") == HTTP_PORT_NAME), None
        )
        for endpoint in one.get("endpoints") or () if port else ():
            if endpoint.get("conditions", {}).get("serving", True):
                for address in endpoint["addresses"]:
                    host = f"[{address}]" if ":" in address else address
                    yield f"http://{host}:{port}"
