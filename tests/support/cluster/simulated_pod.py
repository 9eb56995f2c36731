"""One pod that the test process plays: a browser pod's real board, and chats that run until the test ends them."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace

from bridge_api import names
from bridge_api.wire.instance import InstanceStatus, SiteModel, SlotState
from bridge_browser.board import Board
from bridge_browser.changes import Changes
from tests.support.cluster.chat_ledger import ChatEntry, ChatLedger, Outcome
from tests.support.cluster.pods import Ended, PodState, Report, RunningPod

LABEL_POOL = f"{names.GROUP}/pool"
LABEL_PROFILE = f"{names.GROUP}/profile"
LABEL_TEMPLATE_HASH = f"{names.GROUP}/template-hash"

_boots = itertools.count(1)


class SimulatedChat:
    """A chat that occupies a slot until it is over."""

    def __init__(self, entry: ChatEntry, version: int) -> None:
        self.entry = entry
        self.version = version
        """Of the status that first shows it."""

        self.over = asyncio.Event()

    @property
    def pod(self) -> str:
        return self.entry.pod


class SimulatedPod:
    def __init__(self, pod: RunningPod, report: Report, ledger: ChatLedger, slots: int) -> None:
        self.pod = pod
        self.chats: dict[int, SimulatedChat] = {}
        self.changes = Changes()
        self.connections: set[asyncio.Transport] = set()
        """Those of requests that run."""

        self.answering = 0
        """Chats by HTTP whose last word is not sent yet."""

        self.alive = True
        self.alive_since = now()
        self.restarts = 0
        self.probe_fails = False
        self.ready_since: float | None = None
        """Since when the kubelet has been told that it is ready; None: it has not."""

        self._report = report
        self._ledger = ledger
        self._slots = slots
        self._last_end: Ended | None = None
        self.board = self._new_board()

    @property
    def name(self) -> str:
        return self.pod.name

    @property
    def pool(self) -> str:
        """`namespace/name` of its pool."""
        return f"{self.pod.namespace}/{self.pod.labels.get(LABEL_POOL, '')}"

    def status(self) -> InstanceStatus:
        return self.board.status(now())

    def become_ready(self, models: Sequence[str]) -> None:
        self.board.learn_models([SiteModel(id=model) for model in models])
        self.board.set_all(SlotState.READY)

    def begin_chat(self, lease: str | None = None) -> SimulatedChat:
        """Take a slot.

        Raises:
            BridgeError: There is none, or the pod takes no new chat.
        """
        acquired = self.board.acquire(lease, now())
        chat = SimulatedChat(self._ledger.begin(self.name, acquired.slot), acquired.version)
        self.chats[acquired.slot] = chat
        return chat

    def end_chat(self, chat: SimulatedChat, outcome: Outcome = Outcome.ENDED) -> None:
        """End a chat and free its slot; one that is over stays as it is."""
        if self.chats.get(chat.entry.slot) is not chat:
            return
        chat.entry.outcome = outcome
        del self.chats[chat.entry.slot]
        if self.alive:
            self.board.set(chat.entry.slot, SlotState.READY)
        chat.over.set()
        self.changes.announce()

    def fail_probe(self, *, fails: bool) -> None:
        """Let the kubelet's readiness probe fail, or pass again, whatever the slots are."""
        self.probe_fails = fails
        self._changed()

    def leave(self) -> None:
        """Drain, as the pod's preStop hook and SIGTERM make it."""
        self._ledger.stop(self.name, busy=bool(self.chats), at=now())
        self.board.drain()

    async def until_idle(self) -> None:
        while self.chats or self.answering:
            await self.changes.wait()

    def crash(self, waiting_reason: str, end: Ended) -> None:
        """Die by itself."""
        self._ledger.crash(self.name, busy=bool(self.chats))
        self.die(waiting_reason, replace(end, number=self.restarts))

    def die(self, waiting_reason: str = "", last_end: Ended | None = None) -> None:
        """End at once, as a killed process does: chats are cut, connections reset."""
        self.alive = False
        self.ready_since = None
        for chat in list(self.chats.values()):
            self.end_chat(chat, Outcome.CUT)
        for connection in list(self.connections):
            connection.abort()
        self.changes.announce()
        self._last_end = last_end
        self._report(
            PodState(
                started=False,
                restarts=self.restarts,
                waiting_reason=waiting_reason,
                waiting_message="back-off restarting failed container" if waiting_reason else "",
                last_end=last_end,
            )
        )

    def come_back(self) -> None:
        """Run again in the same pod: a new process that knows nothing."""
        self.alive = True
        self.alive_since = now()
        self.restarts += 1
        self.board = self._new_board()

    def _new_board(self) -> Board:
        identity = InstanceStatus(
            instance=self.name,
            pool=self.pool,
            boot=f"boot-{next(_boots)}",
            version=0,
            profile=self.pod.labels.get(LABEL_PROFILE, ""),
            template_hash=self.pod.labels.get(LABEL_TEMPLATE_HASH, ""),
        )
        return Board(identity, self._slots, self._changed)

    def _changed(self) -> None:
        self.changes.announce()
        if self.alive:
            status = self.status()
            ready = status.ready and not self.probe_fails
            self.ready_since = (self.ready_since or now()) if ready else None
            self._report(PodState(ready, status.started, self.restarts, last_end=self._last_end))


def now() -> float:
    return asyncio.get_running_loop().time()
