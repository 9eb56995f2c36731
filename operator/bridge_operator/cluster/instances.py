"""Follows what each pod says of itself, for as long as the pod is there, and asks pods for cordons."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp

from bridge_api.names import POD_PORT
from bridge_api.wire.instance import CordonRequest, InstanceStatus
from bridge_operator.cluster.heard import Heard, Word, take
from bridge_operator.cluster.offered import Offered
from bridge_operator.cluster.raw import has_ended, runs
from bridge_operator.plan import CORDON_SECONDS
from bridge_operator.pod_client import ASK_AGAIN_SECONDS, CORDON_OWNER, NotAnswered, PodClient
from bridge_operator.silence import FAILURES, Silence, in_words
from bridge_runtime.kube import Key, Object
from bridge_runtime.logs import get_logger

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 4.0
"""A pod that starts does not listen yet, and one that is stuck never will."""

FIRST_WORD_SECONDS = 5.0
"""A pod that serves says how it is within milliseconds; one that has not by then is taken for silent."""

Ask = Callable[[PodClient, CordonRequest], Awaitable[InstanceStatus]]

log = get_logger("operator")


class AnotherInstance(ValueError):
    """At this address is not who was asked: a pod's address may go to another one."""


@dataclass(slots=True)
class Followed:
    """One pod."""

    name: str
    pool: Key
    url: str
    token: str
    since: float
    heard: Heard | None = None
    asked_until: float = float("-inf")
    task: asyncio.Task[None] | None = None
    line: int = 0
    """Hash of the last line: most say nothing new."""

    models: tuple[str, ...] = ()
    silence: Silence = field(default_factory=Silence)


@dataclass(slots=True, kw_only=True)
class Instances:
    """All pods that have an address."""

    session: aiohttp.ClientSession
    epoch: Callable[[], int]
    clock: Callable[[], float]
    random: Callable[[], float]
    changed: Callable[[Key], None]
    """Told of the pool when one of its instances says something to decide on."""

    offered: Offered = field(default_factory=Offered)
    """What the site shows to the instances."""

    _followed: dict[str, Followed] = field(default_factory=dict)
    _ending: set[asyncio.Task[None]] = field(default_factory=set)

    def follow(self, uid: str, pool: Key, pod: Object | None, token: Callable[[], str]) -> None:
        """Follow a pod from when it has an address until it is gone."""
        address = pod["status"].get("podIP") if pod is not None and not has_ended(pod) else None
        known = self._followed.get(uid)
        if address is None or pod is None:
            self._forget(uid)
        elif known is None or known.url != _url(address):
            self._forget(uid)
            one = Followed(pod["metadata"]["name"], pool, _url(address), token(), self.clock())
            if known is not None and known.heard is not None:  # its sandbox was made anew: the same pod
                one.heard = known.heard.lost()
            self._followed[uid] = one
            one.task = asyncio.create_task(self._follow(one), name=f"follow {one.name}")
        elif known.heard is not None and not runs(pod):
            known.heard = known.heard.died(self.clock())
            known.line = 0  # it may run again by now, and has said so before this was known

    def heard(self, uid: str) -> Heard | None:
        followed = self._followed.get(uid)
        return followed.heard if followed is not None else None

    def word(self, uid: str) -> Word:
        """Return all that is known of an instance."""
        followed = self._followed.get(uid)
        if followed is None:
            return Word()
        return Word(followed.heard, followed.asked_until, followed.silence.told)

    def may_speak(self, uid: str) -> bool:
        """Tell whether an instance has said nothing yet, and has not had the time to."""
        followed = self._followed.get(uid)
        if followed is None or followed.heard is not None:
            return False
        return self.clock() - followed.since < FIRST_WORD_SECONDS

    async def cordon(self, uid: str) -> Heard | None:
        """Keep new chats away from an instance, and return what it says from then on; None: it did not answer."""
        return await self._ask(uid, PodClient.cordon)

    async def uncordon(self, uid: str) -> Heard | None:
        """Let new chats in again."""
        return await self._ask(uid, PodClient.uncordon)

    async def close(self) -> None:
        """End every following."""
        for uid in tuple(self._followed):
            self._forget(uid)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _forget(self, uid: str) -> None:
        followed = self._followed.pop(uid, None)
        if followed is not None and followed.task is not None:
            self.offered.change(followed.pool, followed.models, ())
            followed.task.cancel()
            self._ending.add(followed.task)
            followed.task.add_done_callback(self._ending.discard)

    async def _ask(self, uid: str, ask: Ask) -> Heard | None:
        one = self._followed.get(uid)
        if one is None:
            return None
        request = CordonRequest(owner=CORDON_OWNER, epoch=self.epoch(), ttl_seconds=CORDON_SECONDS)
        try:
            status = await ask(PodClient(self.session, one.url, one.token), request)
            self._take(one, status)
        except (NotAnswered, AnotherInstance) as failed:
            log.warning("an instance has not done as asked", instance=one.name, why=str(failed))
            one.asked_until = self.clock() + ASK_AGAIN_SECONDS
            return None
        return one.heard

    async def _follow(self, one: Followed) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            one.line = 0
            why = in_words(None)
            try:
                await self._hear(one)
            except FAILURES as failed:
                why = in_words(failed)
            if one.heard is not None and one.heard.connected:
                pause = FIRST_PAUSE_SECONDS
                one.heard = one.heard.lost()
                self.changed(one.pool)
            if one.silence.is_news(why, self.clock()):
                log.warning("an instance is not heard", instance=one.name, url=one.url, why=why)
                self.changed(one.pool)
            await asyncio.sleep(pause * (0.5 + self.random() / 2))  # not thousands at one moment
            pause = min(LONGEST_PAUSE_SECONDS, pause * 2)

    async def _hear(self, one: Followed) -> None:
        def take(line: bytes) -> None:
            if (digest := hash(line)) != one.line:
                one.line = digest
                self._take(one, InstanceStatus.model_validate_json(line))

        await PodClient(self.session, one.url, one.token).listen(take)

    def _take(self, one: Followed, status: InstanceStatus) -> None:
        before, now = one.heard, self.clock()
        if status.instance != one.name:
            raise AnotherInstance(f"{one.url} says that it is instance {status.instance}")
        one.heard = take(status, before, epoch=self.epoch(), now=now)
        one.silence.broken()
        if self._take_models(one, status) or one.heard.is_news(before):
            self.changed(one.pool)

    def _take_models(self, one: Followed, status: InstanceStatus) -> bool:
        """Tell whether the pool offers something else now; an instance that has yet to look says nothing of models."""
        before, after = one.models, tuple(model.id for model in status.models)
        if not after:
            return False
        one.models = after
        return self.offered.change(one.pool, before, after)


def _url(address: str) -> str:
    host = f"[{address}]" if ":" in address else address
    return f"http://{host}:{POD_PORT}"
