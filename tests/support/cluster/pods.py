"""What passes between the fake kubelet and who runs its pods."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

Object = dict[str, Any]


@dataclass(frozen=True)
class Ended:
    """How a container ended that runs again, or is to."""

    exit_code: int
    message: str = ""
    """Its last words, as with `terminationMessagePolicy: FallbackToLogsOnError`."""

    reason: str = "Error"
    """`OOMKilled` where it was that."""

    number: int = 0
    """Which of the pod's containers it was: each end is another one."""


@dataclass(frozen=True)
class PodState:
    """What a runtime says about a pod that it runs."""

    ready: bool = False
    started: bool = True
    restarts: int = 0
    waiting_reason: str = ""
    """Why the container does not run, such as `CrashLoopBackOff`; empty: it runs."""

    waiting_message: str = ""
    last_end: Ended | None = None


@dataclass(frozen=True)
class RunningPod:
    """A pod that has a node and an address."""

    object: Object
    """As the API server had it when it was bound."""

    ip: str

    @property
    def name(self) -> str:
        return str(self.object["metadata"]["name"])

    @property
    def namespace(self) -> str:
        return str(self.object["metadata"]["namespace"])

    @property
    def uid(self) -> str:
        return str(self.object["metadata"]["uid"])

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.object["metadata"].get("labels") or {})


Report = Callable[[PodState], None]


class PodRuntime(Protocol):
    """Who runs the pods: the kubelet says when, the runtime how."""

    async def start(self, pod: RunningPod, report: Report) -> None:
        """Start it; `report` is called with every change of its state, from then on until it is stopped."""

    async def stop(self, pod: RunningPod, grace_seconds: float) -> None:
        """Let it end, by force when the grace is over; return when it has ended."""


@dataclass(frozen=True)
class Trouble:
    """Why a pod does not get to run: said in its status as a scheduler or a kubelet says it."""

    reason: str
    """`Unschedulable`, or a container's waiting reason such as `ImagePullBackOff` or `CreateContainerConfigError`."""

    message: str = ""

    @property
    def unschedulable(self) -> bool:
        return self.reason == "Unschedulable"
