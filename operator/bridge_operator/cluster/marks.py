"""Has the busy label on the pods that are: the first step of every look, which needs nothing but the pods."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bridge_operator.cluster.busy_label import wanted_mark
from bridge_operator.cluster.observe import ObservedPod
from bridge_operator.cluster.writer import Writer
from bridge_runtime.kube import KubeError, Object


@dataclass(frozen=True, slots=True)
class Marked:
    again: tuple[float, ...] = ()
    """After how many seconds a pod is to be looked at again."""

    failure: KubeError | None = None
    """A label that could not be written holds back nothing else, but is not forgotten."""

    def check(self) -> None:
        """Raise what has failed.

        Raises:
            KubeError: The API server has refused a label, or did not answer.
        """
        if self.failure is not None:
            raise self.failure


async def mark_pods(writer: Writer, pods: Sequence[ObservedPod], *, protect: bool, now: float) -> Marked:
    """Write what is to be written; `protect` keeps nodes from evicting busy pods."""
    wanted = [(pod, *wanted_mark(pod, now, protect=protect)) for pod in pods]
    writes = [
        writer.mark_pod(pod.obj, labels=mark.labels, annotations=mark.annotations)
        for pod, mark, _ in wanted
        if mark is not None
    ]
    results = await asyncio.gather(*writes, return_exceptions=True)
    failures = [one for one in results if isinstance(one, BaseException)]
    for failed in failures:
        if not isinstance(failed, KubeError):
            raise failed
    refused = next((one for one in failures if isinstance(one, KubeError)), None)
    return Marked(tuple(again for _, _, again in wanted if again is not None), refused)


def protects(pool: Object) -> bool:
    """Read whether busy pods are kept from evictions, be the rest of the spec as it may."""
    drain = pool.get("spec", {}).get("drain") or {}
    return bool(drain.get("disruption") != "Always")
